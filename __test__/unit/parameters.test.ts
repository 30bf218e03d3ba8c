import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as arrow from 'apache-arrow';
import { arrayOfValues } from '../../src-ts/arrow/encode/array-of-values.js';
import { BatchEncoder } from '../../src-ts/arrow/encode/batch-encoder.js';
import { inferType } from '../../src-ts/arrow/encode/infer-type.js';
import { ValuePlace } from '../../src-ts/arrow/encode/value-place.js';
import { halfToNumber } from '../../src-ts/arrow/rows/half-float.js';
import { resolveStatementOptions } from '../../src-ts/options/call-options.js';
import { bindingOf } from '../../src-ts/parameters/binding.js';
import { columnsOf, renamed } from '../../src-ts/parameters/columns.js';
import { givenParameters, hasParameters, refuseMistakenOptions } from '../../src-ts/parameters/given.js';

const schemaOf = (...names: string[]) => new arrow.Schema(names.map((name) => new arrow.Field(name, new arrow.Int32(), true)));

describe('what was given', () => {
  test('nothing, in every form', () => {
    for (const params of [undefined, null, [], {}]) assert.equal(hasParameters(params), false);
  });

  test('one row, by position or by name; null and undefined are values', () => {
    for (const params of [[1], [null], [undefined], [new Date(0)], [new Uint8Array(2)], [[1], 2], { a: 0 }, [new Map()]]) {
      assert.deepEqual(givenParameters(params), { kind: 'rows', rows: [params] });
    }
  });

  test('rows of arrays or objects', () => {
    for (const params of [[[1], [2]], [{ a: 1 }, { a: 2 }], [[]]])
      assert.deepEqual(givenParameters(params), { kind: 'rows', rows: params });
  });

  test('a table, a batch, batches', () => {
    const table = arrow.tableFromArrays({ id: Int32Array.of(1) });
    const [batch] = table.batches;
    assert(batch);
    for (const params of [table, batch, [batch], new Set([batch]).values()]) assert.equal(givenParameters(params).kind, 'batches');
  });

  test('what is neither is refused', () => {
    for (const params of ['x', 1, true, Uint8Array.of(1), new Date(0), new Map()]) {
      assert.throws(() => givenParameters(params), { code: 'INVALID_OPTION', message: /the parameters must be/ });
    }
  });

  test('call options in the place of parameters are told where they belong', () => {
    assert.throws(() => refuseMistakenOptions('query', { timeout: 5, signal: null }, undefined), {
      code: 'INVALID_OPTION',
      message: /query\(\) is the parameters, and holds timeout, signal: call options are the third/,
      hint: /query\(sql, null, \{ … \}\)/,
    });
    refuseMistakenOptions('query', { timeout: 5 }, {});
    refuseMistakenOptions('query', { timeout: 5, id: 1 }, undefined);
  });
});

describe('columns of parameters', () => {
  const named = (rows: Record<string, unknown>[], ...names: string[]) =>
    columnsOf(rows, schemaOf(...names), null).map(({ name, values }) => [name, ...values]);

  test('by position, under the names that the server has for them', () => {
    assert.deepEqual(
      columnsOf(
        [
          [1, 2],
          [3, 4],
        ],
        schemaOf('$1', '$2'),
        null,
      ).map(({ name, values }) => [name, ...values]),
      [
        ['$1', 1, 3],
        ['$2', 2, 4],
      ],
    );
    assert.deepEqual(
      columnsOf([['a', 'b']], null, null).map(({ name, title }) => [name, title]),
      [
        ['1', 'parameter 1'],
        ['2', 'parameter 2'],
      ],
    );
  });

  test('by position, by the numbers of a server that sorts them as text', () => {
    const numbers = Array.from({ length: 11 }, (_, index) => index + 1);
    const names = numbers.map((number) => `$${number}`).sort();
    assert.equal(names[1], '$10');
    assert.deepEqual(
      columnsOf([numbers.map((number) => `value ${number}`)], schemaOf(...names), null).map(({ name, title, values }) => [
        name,
        title,
        ...values,
      ]),
      names.map((name) => [name, `parameter ${name.slice(1)}`, `value ${name.slice(1)}`]),
    );
    const given = schemaOf(...numbers.map((number) => `column ${number}`));
    assert.deepEqual(
      renamed(arrow, given, schemaOf(...names)).names,
      numbers.map((number) => `$${number}`),
    );
    // Numbers that are no places say nothing.
    assert.deepEqual(
      columnsOf([['a', 'b']], schemaOf('$2', '$5'), null).map(({ name, values }) => [name, ...values]),
      [
        ['$2', 'a'],
        ['$5', 'b'],
      ],
    );
  });

  test('by name, with and without sigils, in the order of the statement', () => {
    assert.deepEqual(named([{ b: 2, $a: 1 }], ':a', '@b'), [
      ['a', 1],
      ['b', 2],
    ]);
    assert.deepEqual(named([{ a: null }, { a: 0 }], '$a'), [['a', null, 0]]);
    assert.deepEqual(named([{ 1: 'x' }], '$1'), [['$1', 'x']]);
  });

  const wrong: readonly (readonly [what: string, rows: unknown, schema: arrow.Schema | null, message: RegExp])[] = [
    ['too many', [[1, 2]], schemaOf('1'), /^2 parameters are given, where the statement takes 1$/],
    ['too few, in a later row', [[1], []], schemaOf('1'), /^0 parameters are given in row 1, where the statement takes 1$/],
    ['rows of several lengths', [[1], [1, 2]], null, /^2 parameters are given in row 1, where the first row has 1$/],
    ['an unknown name', [{ idd: 1 }], schemaOf(':id'), /no parameter 'idd': did you mean 'id'\?/],
    ['a name left out', [{ a: 1 }, { b: 1, a: 1 }], schemaOf(':a', ':b'), /the parameter ':b' is not given in row 0; null is a value too/],
    ['names that the server does not tell', [{ a: 1 }], null, /does not tell the names/],
    ['rows by position and by name', [[1], { a: 1 }], schemaOf('a'), /some rows of the parameters are arrays and others objects/],
  ];
  for (const [what, rows, schema, message] of wrong) {
    test(`refused: ${what}`, () => {
      assert.throws(() => columnsOf(rows as never, schema, null), { code: 'INVALID_ARGUMENT', message });
    });
  }

  test("a union, or null, is typed by its values; a dictionary by its values' type", () => {
    const union = new arrow.Union(arrow.UnionMode.Dense, [0], [new arrow.Field('a', new arrow.Int32(), true)]);
    const dictionary = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
    const schema = new arrow.Schema(
      [union, new arrow.Null(), dictionary, new arrow.Int8()].map((type, at) => new arrow.Field(String(at), type, true)),
    );
    const types = columnsOf([[1, 2, 'a', 3]], schema, [null, null, null, new arrow.Int64()]).map(({ type }) => type && String(type));
    assert.deepEqual(types, [null, null, 'Utf8', 'Int64']);
  });

  test('none where some are needed, some where none are taken', async () => {
    await assert.rejects(bindingOf(null, schemaOf('1', '2'), null), {
      code: 'INVALID_ARGUMENT',
      message: /no parameters are given, where the statement takes 2/,
    });
    await assert.rejects(bindingOf([1], schemaOf(), null), {
      code: 'INVALID_ARGUMENT',
      message: /1 parameter is given, where the statement takes 0/,
    });
    assert.equal(await bindingOf(null, schemaOf(), null), null);
    assert.equal(await bindingOf(null, null, null), null);
    const table = arrow.tableFromArrays({ a: Int32Array.of(1), b: Int32Array.of(1) });
    await assert.rejects(bindingOf(table, schemaOf('1'), null), {
      message: /2 parameters are given, as columns, where the statement takes 1/,
    });
    await assert.rejects(bindingOf(new Set().values(), null, null), { message: /of which there is none/ });
  });

  test('types have to be types', () => {
    assert.equal(resolveStatementOptions({ types: [new arrow.Int8(), null] }).types?.length, 2);
    for (const types of [['Int8'], 'Int8', null]) assert.throws(() => resolveStatementOptions({ types }), { code: 'INVALID_OPTION' });
  });
});

describe('values', () => {
  test('every half-precision number is itself', () => {
    const bits = Array.from({ length: 0x1_0000 }, (_, at) => at).filter((at) => !Number.isNaN(halfToNumber(at)));
    const array = arrayOfValues(new arrow.Float16(), bits.map(halfToNumber), new ValuePlace('p', bits.length));
    const written = new Uint16Array((array.buffers[1] as Uint8Array).buffer);
    assert.deepEqual([...written], bits);
  });

  test('half precision rounds to the nearest, ties to even', () => {
    const numbers = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 2 ** -25 * 1.01, 65_519, 2 ** -14 - 2 ** -26];
    const array = arrayOfValues(new arrow.Float16(), numbers, new ValuePlace('p', 1));
    const written = [...new Uint16Array((array.buffers[1] as Uint8Array).buffer)].map(halfToNumber);
    assert.deepEqual(written, [1, 1 + 2 ** -9, 0, 2 ** -24, 65_504, 2 ** -14]);
    assert.throws(() => arrayOfValues(new arrow.Float16(), [65_520], new ValuePlace('p', 1)), { message: /beyond the largest/ });
  });

  test('what no Arrow type stands for is refused by name', () => {
    for (const value of [() => 1, Symbol('s')]) {
      assert.throws(() => inferType(arrow, [value], 'parameter 3'), {
        code: 'INVALID_ARGUMENT',
        message: /^parameter 3 is a (function|symbol)/,
      });
    }
    for (const value of [new Map([['a', 1]]), new Set([1]), new URL('a:b')]) {
      assert.throws(() => inferType(arrow, [value], 'parameter 1'), { code: 'INVALID_ARGUMENT', message: /the option types/ });
    }
    for (const text of ['2024-01-02 03:04:05 +05:00', '2024-01-02 03:04:05 garbage']) {
      assert.throws(() => arrayOfValues(new arrow.TimestampSecond(null), [text], new ValuePlace('p', 1)), { code: 'INVALID_ARGUMENT' });
    }
    for (const text of ['2024-01-02T03:04:05+24:00', '2024-01-02T03:04:05-05:60']) {
      assert.throws(() => arrayOfValues(new arrow.TimestampSecond('UTC'), [text], new ValuePlace('p', 1)), { code: 'INVALID_ARGUMENT' });
    }
    const struct = new arrow.Struct([new arrow.Field('a', new arrow.Int8(), true)]);
    for (const value of [new Map([['a', 1]]), new Set([1]), new ArrayBuffer(1)]) {
      assert.throws(() => arrayOfValues(struct, [value], new ValuePlace('p', 1)), { message: /it takes objects/ });
    }
    assert.throws(() => inferType(arrow, [10n ** 77n], 'parameter 1'), { message: /more than 76 digits/ });
  });

  test('a large batch crosses in pieces, none of whose copies takes long', () => {
    const table = new arrow.Table({ id: arrow.makeVector(new Float64Array(5 << 18)) });
    const [batch] = table.batches as [arrow.RecordBatch];
    const messages = [...new BatchEncoder(table.schema).messages(batch)];
    const sizes = messages.map(({ buffers }) => buffers.reduce((sum, buffer) => sum + buffer.length, 0));
    assert.equal(sizes.length, 3);
    assert.deepEqual([Math.max(...sizes), sizes.reduce((sum, size) => sum + size, 0)], [4 << 20, 10 << 20]);
  });

  test('shared memory is bytes too', () => {
    assert.equal(String(inferType(arrow, [new SharedArrayBuffer(2), Uint8Array.of(1)], 'p')), 'Binary');
  });

  test('a dictionary within a dictionary is the same in all chunks of the outer one', () => {
    const inner = (values: readonly string[]) =>
      arrow.vectorFromArray(values, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8(), 1)) as arrow.Vector;
    const outer = new arrow.Vector([...inner(['a']).data, ...inner(['b']).data]);
    const type = new arrow.Dictionary(outer.type, new arrow.Int8(), 2);
    const data = arrow.makeData({ type, length: 2, data: Int8Array.of(0, 1), dictionary: outer as never });
    const schema = new arrow.Schema([new arrow.Field('d', type, true)]);
    const batch = new arrow.RecordBatch(schema, arrow.makeData({ type: new arrow.Struct(schema.fields), length: 2, children: [data] }));
    assert.throws(() => [...new BatchEncoder(schema).messages(batch)], { code: 'UNSUPPORTED_TYPE', message: /later chunks/ });
  });

  test('nested errors say where', () => {
    const type = new arrow.List(new arrow.Field('item', new arrow.Struct([new arrow.Field('a', new arrow.Int8(), true)]), true));
    assert.throws(() => arrayOfValues(type, [[{ a: 300 }]], new ValuePlace('parameter 2', 1)), {
      message: /^'a' of an element of parameter 2 is 300, which does not fit its type Int8/,
    });
    assert.throws(() => arrayOfValues(new arrow.Int8(), [1, 300], new ValuePlace('parameter 1', 2)), {
      message: /^parameter 1 in row 1 is 300/,
    });
  });
});
