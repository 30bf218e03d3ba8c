import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arrow from 'apache-arrow';
import { schemaFromText } from '../../src-ts/arrow/index.js';
import type { FieldText } from '../../src-ts/arrow/schema-text.js';

function fieldText(format: string, more: Partial<FieldText> = {}): FieldText {
  return { name: 'c', format, flags: 2, nullable: true, metadata: [], children: [], dictionary: null, ...more };
}

function schemaOf(...fields: FieldText[]): arrow.Schema {
  return schemaFromText(arrow, JSON.stringify({ metadata: [], fields, dictionaries: 0 }));
}

function typeOf(format: string, more: Partial<FieldText> = {}): arrow.DataType {
  return schemaOf(fieldText(format, more)).fields[0]?.type;
}

const item = fieldText('i', { name: 'item' });
const itemField = new arrow.Field('item', new arrow.Int32(), true);

describe('the schema of a schema text', () => {
  const plain: readonly [format: string, type: arrow.DataType][] = [
    ['n', new arrow.Null()],
    ['b', new arrow.Bool()],
    ['c', new arrow.Int8()],
    ['C', new arrow.Uint8()],
    ['s', new arrow.Int16()],
    ['S', new arrow.Uint16()],
    ['i', new arrow.Int32()],
    ['I', new arrow.Uint32()],
    ['l', new arrow.Int64()],
    ['L', new arrow.Uint64()],
    ['e', new arrow.Float16()],
    ['f', new arrow.Float32()],
    ['g', new arrow.Float64()],
    ['z', new arrow.Binary()],
    ['Z', new arrow.LargeBinary()],
    ['vz', new arrow.BinaryView()],
    ['u', new arrow.Utf8()],
    ['U', new arrow.LargeUtf8()],
    ['vu', new arrow.Utf8View()],
    ['d:38,10', new arrow.Decimal(10, 38, 128)],
    ['d:9,-2,32', new arrow.Decimal(-2, 9, 32)],
    ['d:18,0,64', new arrow.Decimal(0, 18, 64)],
    ['d:20,3,128', new arrow.Decimal(3, 20, 128)],
    ['d:76,76,256', new arrow.Decimal(76, 76, 256)],
    ['w:16', new arrow.FixedSizeBinary(16)],
    ['w:0', new arrow.FixedSizeBinary(0)],
    ['tdD', new arrow.DateDay()],
    ['tdm', new arrow.DateMillisecond()],
    ['tts', new arrow.TimeSecond()],
    ['ttm', new arrow.TimeMillisecond()],
    ['ttu', new arrow.TimeMicrosecond()],
    ['ttn', new arrow.TimeNanosecond()],
    ['tss:', new arrow.TimestampSecond(null)],
    ['tsm:UTC', new arrow.TimestampMillisecond('UTC')],
    ['tsu:+05:30', new arrow.TimestampMicrosecond('+05:30')],
    ['tsn:America/Argentina/Buenos_Aires', new arrow.TimestampNanosecond('America/Argentina/Buenos_Aires')],
    ['tDs', new arrow.DurationSecond()],
    ['tDm', new arrow.DurationMillisecond()],
    ['tDu', new arrow.DurationMicrosecond()],
    ['tDn', new arrow.DurationNanosecond()],
    ['tiM', new arrow.IntervalYearMonth()],
    ['tiD', new arrow.IntervalDayTime()],
    ['tin', new arrow.IntervalMonthDayNano()],
  ];
  for (const [format, type] of plain) {
    it(`has ${type} for ${format}`, () => {
      const made = typeOf(format);
      // A duration is one class for all units; apache-arrow's reader makes no other.
      const expected = type instanceof arrow.Duration ? arrow.Duration.prototype : Object.getPrototypeOf(type);
      assert.equal(Object.getPrototypeOf(made), expected);
      assert.deepEqual({ ...made }, { ...type });
    });
  }

  it('has lists, structs, maps and unions over their children', () => {
    const children = [item];
    assert.deepEqual(typeOf('+l', { children }), new arrow.List(itemField));
    assert.deepEqual(typeOf('+L', { children }), new arrow.LargeList(itemField));
    assert.deepEqual(typeOf('+w:3', { children }), new arrow.FixedSizeList(3, itemField));
    assert.deepEqual(typeOf('+s', { children: [item, item] }), new arrow.Struct([itemField, itemField]));
    assert.deepEqual(typeOf('+ud:7', { children }), new arrow.DenseUnion([7], [itemField]));
    assert.deepEqual(typeOf('+us:5,-3', { children: [item, item] }), new arrow.SparseUnion([5, -3], [itemField, itemField]));
    assert.deepEqual(typeOf('+us:'), new arrow.SparseUnion([], []));
  });

  it('says of a map whether its keys are sorted', () => {
    const entries = fieldText('+s', {
      name: 'entries',
      nullable: false,
      children: [fieldText('u', { name: 'key' }), fieldText('l', { name: 'value' })],
    });
    assert.equal((typeOf('+m', { children: [entries], flags: 2 }) as arrow.Map_).keysSorted, false);
    assert.equal((typeOf('+m', { children: [entries], flags: 6 }) as arrow.Map_).keysSorted, true);
    assert.equal((typeOf('+m', { children: [entries] }) as arrow.Map_).keysSorted, false);
    assert.equal(String(typeOf('+m', { children: [entries] })), 'Map<{key:Utf8, value:Int64}>');
  });

  it('keeps names, nullability, metadata and the extension of a type, at every depth', () => {
    const extension: FieldText['metadata'] = [
      ['ARROW:extension:name', 'arrow.uuid'],
      ['ARROW:extension:metadata', ''],
    ];
    const uuid = fieldText('w:16', { name: 'uuid', nullable: false, metadata: extension });
    const outer = fieldText('+s', { name: '', children: [uuid], metadata: [['k', 'v']] });
    const schema = schemaFromText(arrow, JSON.stringify({ metadata: [['über', 'alles']], fields: [outer], dictionaries: 0 }));
    const [field] = schema.fields;
    assert.deepEqual([...schema.metadata], [['über', 'alles']]);
    assert.deepEqual([field?.name, field?.nullable, [...(field?.metadata ?? [])]], ['', true, [['k', 'v']]]);
    const child = field?.type.children[0] as arrow.Field;
    assert.deepEqual([child.name, child.nullable, [...child.metadata]], ['uuid', false, extension]);
    assert.deepEqual(child.type, new arrow.FixedSizeBinary(16));
  });

  it('keeps columns of one name apart', () => {
    const schema = schemaOf(fieldText('i', { name: 'a' }), fieldText('u', { name: 'a' }));
    assert.deepEqual(
      schema.fields.map(({ name, type }) => `${name}: ${type}`),
      ['a: Int32', 'a: Utf8'],
    );
  });

  it('gives users of one dictionary the same value type, whatever their index types', () => {
    const dictionary = { slot: 3, ordered: true, value: fieldText('u') };
    const schema = schemaOf(fieldText('c', { dictionary }), fieldText('+l', { children: [fieldText('I', { dictionary })] }));
    const first = schema.fields[0]?.type as arrow.Dictionary;
    const list = schema.fields[1]?.type as arrow.List;
    const second = list.valueType as arrow.Dictionary;
    assert.deepEqual([String(first), String(second)], ['Dictionary<Int8, Utf8>', 'Dictionary<Uint32, Utf8>']);
    assert.deepEqual([first.id, first.isOrdered, second.id], [3, true, 3]);
    assert.equal(first.dictionary, second.dictionary);
    assert.deepEqual([...schema.dictionaries.keys()], [3]);
  });

  for (const format of [
    '+vl',
    '+vL',
    '+r',
    'x',
    'vx',
    'd:5',
    'd:5,2,96',
    'w:',
    'w:x',
    '+w:-1',
    'tdx',
    'ttx',
    'tsx:',
    'tD',
    'tiX',
    '+x',
    '+u',
    '',
    'utf8',
  ]) {
    it(`refuses the format "${format}", naming it and the field`, () => {
      const refusal = {
        name: 'FlightSQLError',
        code: 'UNSUPPORTED_TYPE',
        column: 'c',
        message: new RegExp(`"c".*"${format.replace('+', '\\+')}"`),
      };
      assert.throws(() => typeOf(format, { children: [item] }), refusal);
    });
  }

  it('refuses a list of two children and a union of fewer ids than children', () => {
    assert.throws(() => typeOf('+l', { children: [item, item] }), { code: 'INVALID_DATA', message: /"c".*has 2 children instead of one/ });
    assert.throws(() => typeOf('+ud:1', { children: [item, item] }), {
      code: 'INVALID_DATA',
      message: /"c".*names 1 type ids for 2 children/,
    });
  });
});
