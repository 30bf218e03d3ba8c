import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Field, Int32, Schema, Utf8 } from 'apache-arrow';
import { FlightSQLError } from '../../src-ts/errors.js';
import { columnsOf } from '../../src-ts/metadata/columns.js';
import { Fields } from '../../src-ts/metadata/fields.js';
import { catalogOf, foreignKeyOf, primaryKeyOf, tableInfoOf, xdbcTypeOf } from '../../src-ts/metadata/objects.js';
import { metadataRequest, resolveDbSchemas, resolveMetadata, resolveTables, tableRef } from '../../src-ts/options/metadata-options.js';

const noSchema = () => assert.fail('no schema is to be read');

describe('rows to objects', () => {
  test('whatever a server leaves out, adds, or puts into another order', () => {
    assert.deepEqual(catalogOf(new Fields({})), { catalogName: null });
    assert.deepEqual(catalogOf(new Fields({ vendor: 1, catalog_name: 'main' })), { catalogName: 'main' });
    assert.deepEqual(tableInfoOf(new Fields({ table_type: 'view', table_name: 't', db_schema_name: '' }), noSchema), {
      catalogName: null,
      dbSchemaName: '',
      tableName: 't',
      tableType: 'view',
      schema: null,
      columns: null,
    });
    assert.equal(primaryKeyOf(new Fields({ key_sequence: 2n })).keySequence, 2, 'another width');
    assert.equal(primaryKeyOf(new Fields({ key_sequence: 'two', key_name: 7 })).keySequence, null, 'another kind');
  });

  test('a table whose schema is empty bytes has none', () => {
    assert.equal(tableInfoOf(new Fields({ table_schema: new Uint8Array() }), noSchema).schema, null);
  });

  test('the rules of foreign keys by name; one that is not known is null', () => {
    const rules = [0, 1, 2, 3, 4, 5, -1, null].map((rule) => foreignKeyOf(new Fields({ update_rule: rule })).updateRule);
    assert.deepEqual(rules, ['CASCADE', 'RESTRICT', 'SET NULL', 'NO ACTION', 'SET DEFAULT', null, null, null]);
  });

  test('a type of XDBC', () => {
    const type = xdbcTypeOf(
      new Fields({
        type_name: 'INT',
        data_type: 4,
        nullable: 1,
        searchable: 3,
        case_sensitive: false,
        auto_increment: 1,
        create_params: ['a', 'b'],
      }),
    );
    assert.equal(type.typeName, 'INT');
    assert.equal(type.nullable, 'nullable');
    assert.equal(type.searchable, 'full');
    assert.equal(type.caseSensitive, false);
    assert.equal(type.autoIncrement, true);
    assert.deepEqual(type.createParams, ['a', 'b']);
    assert.equal(type.columnSize, null);
  });

  test('a column that is called like a property of every object', () => {
    assert.equal(new Fields({}).text('constructor'), null);
  });
});

test('columns with the metadata that Flight SQL defines', () => {
  const metadata = new Map([
    ['ARROW:FLIGHT:SQL:TYPE_NAME', 'VARCHAR'],
    ['ARROW:FLIGHT:SQL:PRECISION', '20'],
    ['ARROW:FLIGHT:SQL:SCALE', 'none'],
    ['ARROW:FLIGHT:SQL:IS_AUTO_INCREMENT', '0'],
    ['ARROW:FLIGHT:SQL:IS_SEARCHABLE', '1'],
    ['ARROW:FLIGHT:SQL:IS_READ_ONLY', 'TRUE'],
    ['ARROW:FLIGHT:SQL:IS_CASE_SENSITIVE', 'perhaps'],
    ['ARROW:FLIGHT:SQL:REMARKS', 'how it is called'],
    ['vendor', 'more'],
  ]);
  const [name, plain] = columnsOf(new Schema([new Field('name', new Utf8(), true, metadata), new Field('plain', new Int32(), false)]));
  assert.deepEqual(
    { ...name, type: String(name?.type) },
    {
      name: 'name',
      type: 'Utf8',
      nullable: true,
      catalogName: null,
      dbSchemaName: null,
      tableName: null,
      typeName: 'VARCHAR',
      precision: 20,
      scale: null,
      isAutoIncrement: false,
      isCaseSensitive: null,
      isReadOnly: true,
      isSearchable: true,
      remarks: 'how it is called',
    },
  );
  assert.equal(plain?.nullable, false);
  assert.equal(plain?.typeName, null);
});

describe('options', () => {
  test('what is not asked for is any', () => {
    const { request, format } = resolveTables(undefined);
    assert.deepEqual(request, metadataRequest('tables'));
    assert.equal(format, 'objects');
    assert.equal(resolveMetadata({ format: 'arrow', timeout: 5 }).call.timeout, 5);
  });

  test("'' and null are different", () => {
    assert.equal(resolveDbSchemas({ catalog: '' }).request.catalog, '');
    assert.equal(resolveDbSchemas({ catalog: null }).request.catalog, null);
    assert.deepEqual(tableRef({ dbSchema: '', table: 't' }, 'the table'), { catalog: null, dbSchema: '', table: 't' });
    assert.deepEqual(tableRef('t', 'the table'), { catalog: null, dbSchema: null, table: 't' });
  });

  const refused: readonly (readonly [what: string, call: () => unknown, message: RegExp])[] = [
    [
      'a name that is not one',
      () => resolveTables({ tableNamePattern: 'a%' }),
      /unknown option 'tableNamePattern'.*tableNameFilterPattern/,
    ],
    ["another client's name", () => resolveDbSchemas({ dbSchema: 'a' }), /dbSchemaFilterPattern/],
    ['an option of another call', () => resolveDbSchemas({ includeSchema: true }), /includeSchema/],
    ['a format that is not one', () => resolveMetadata({ format: 'table' }), /'objects', 'arrow', 'schema'/],
    ['a catalog that is no text', () => resolveTables({ catalog: 1 }), /catalog must be a string, or null for any, not 1/],
    ['types that are no array', () => resolveTables({ tableTypes: 'view' }), /tableTypes must be an array/],
    ['no table', () => tableRef(undefined, 'the table'), /the table must be a table's name or/],
    ['a table without a name', () => tableRef({ catalog: 'main' }, 'the table'), /the table\.table must be a table's name/],
    ['an empty name', () => tableRef('', 'the table'), /the table\.table must be a table's name, not ''/],
    ['a part that is not one', () => tableRef({ table: 't', schema: 'a' }, 'the table'), /unknown option 'the table\.schema'.*dbSchema/],
  ];
  for (const [what, call, message] of refused) {
    test(`refused: ${what}`, () => {
      assert.throws(call, (error: unknown) => {
        assert(error instanceof FlightSQLError, String(error));
        assert.equal(error.code, 'INVALID_OPTION');
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
