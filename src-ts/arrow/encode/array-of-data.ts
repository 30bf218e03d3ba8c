import type { Data, Union } from 'apache-arrow';
import { TypeId, UnionModeId } from '../type-ids.js';
import { bytesOf, type OutgoingArray } from './outgoing.js';

/**
 * An apache-arrow array as it crosses: its own buffers, none of them copied. A slice of an array keeps the bits of what it was cut from, and says
 * where its own begin; everything else apache-arrow has cut already.
 */
export function arrayOfData(data: Data): OutgoingArray {
  return {
    length: data.length,
    bitOffset: data.offset,
    buffers: buffersOf(data),
    children: (data.type.typeId as number) === TypeId.Dictionary ? [] : data.children.map(arrayOfData),
  };
}

function buffersOf(data: Data): Uint8Array[] {
  const validity = () => (data.nullCount === 0 ? bytesOf(null) : bytesOf(data.nullBitmap));
  switch (data.type.typeId as number) {
    case TypeId.Null:
      return [];
    case TypeId.Utf8:
    case TypeId.Binary:
    case TypeId.LargeUtf8:
    case TypeId.LargeBinary:
      return [validity(), bytesOf(data.valueOffsets), bytesOf(data.values)];
    case TypeId.Utf8View:
    case TypeId.BinaryView:
      return [validity(), bytesOf(data.values), ...data.variadicBuffers.map(bytesOf)];
    case TypeId.List:
    case TypeId.LargeList:
    case TypeId.Map:
      return [validity(), bytesOf(data.valueOffsets)];
    case TypeId.Struct:
    case TypeId.FixedSizeList:
      return [validity()];
    case TypeId.Union:
      return (data.type as Union).mode === UnionModeId.Dense
        ? [bytesOf(data.typeIds), bytesOf(data.valueOffsets)]
        : [bytesOf(data.typeIds)];
    default:
      return [validity(), bytesOf(data.values)];
  }
}
