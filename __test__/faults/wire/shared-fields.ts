import { Builder } from 'flatbuffers';
import { type ArrowMessage, finishSchema } from './arrow-message.js';
import { int, struct } from './arrow-type.js';

/**
 * A schema whose every struct names the same child `times` times: a flatbuffer of a few bytes a level, that stands for `times` to the power
 * of `depth` fields.
 */
export function schemaOfSharedFields(depth: number, times: number, name = 'f'): ArrowMessage {
  const builder = new Builder(8192);
  const text = builder.createString(name);
  let child = 0;
  for (let level = 0; level <= depth; level++) {
    const type = level === 0 ? int(64) : struct;
    const children = vectorOf(builder, child === 0 ? [] : Array.from({ length: times }, () => child));
    const table = type.write(builder);
    builder.startObject(7);
    builder.addFieldOffset(0, text, 0);
    builder.addFieldInt8(2, type.id, 0);
    builder.addFieldOffset(3, table, 0);
    builder.addFieldOffset(5, children, 0);
    child = builder.endObject();
  }
  return finishSchema(builder, vectorOf(builder, [child]));
}

function vectorOf(builder: Builder, offsets: readonly number[]): number {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets) builder.addOffset(offset);
  return builder.endVector();
}
