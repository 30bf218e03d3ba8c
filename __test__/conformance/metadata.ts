import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForeignKeyInfo, PrimaryKeyInfo, TablesOptions } from 'flightsql';
import type { Profile } from './profile.js';
import { assertLacking, assertRefused } from './refused.js';

const CREATE = [
  'CREATE TABLE conf_parent (a INTEGER NOT NULL, b INTEGER NOT NULL, name VARCHAR(20), PRIMARY KEY (a, b))',
  `CREATE TABLE conf_child (id INTEGER NOT NULL PRIMARY KEY, pa INTEGER, pb INTEGER,
     FOREIGN KEY (pa, pb) REFERENCES conf_parent (a, b) ON DELETE CASCADE)`,
];
const DROP = ['DROP TABLE conf_child', 'DROP TABLE conf_parent'];

/** Servers spell names in the case that they keep them in. */
const lower = (text: string | null) => text?.toLowerCase() ?? null;

/** Every metadata call. */
export function metadata(profile: Profile): void {
  const { client, supports, table, column, tableType, catalog } = profile;
  const getTables = (options: Omit<TablesOptions, 'format'> = {}) => client().getTables({ catalog, ...options });

  test('getCatalogs and getDbSchemas: objects, Table and schema agree', async () => {
    const calls = [
      [() => client().getCatalogs(), () => client().getCatalogs({ format: 'arrow' }), () => client().getCatalogs({ format: 'schema' })],
      [
        () => client().getDbSchemas({ catalog }),
        () => client().getDbSchemas({ catalog, format: 'arrow' }),
        () => client().getDbSchemas({ catalog, format: 'schema' }),
      ],
    ] as const;
    for (const [objects, arrow, schema] of calls) {
      const found = await objects();
      const table = await arrow();
      assert.deepEqual(
        found.map(({ catalogName }) => catalogName),
        [...(table.getChild('catalog_name') ?? [])],
      );
      if (supports.metadataSchema) assert.deepEqual((await schema()).names, table.schema.names);
      else await assertRefused(schema);
    }
  });

  test('getTables: by a pattern, by a type, with their columns', async () => {
    const [found, ...others] = await getTables({ tableNameFilterPattern: table, includeSchema: true });
    assert(found);
    assert.deepEqual(others, []);
    assert.equal(found.tableName, table);
    assert.equal(found.tableType, tableType);
    assert(found.schema?.names.includes(column));
    assert(found.columns?.some(({ name, type }) => name === column && type !== undefined));

    const pattern = `${table.slice(0, -1)}_`;
    assert((await getTables({ tableNameFilterPattern: pattern })).some(({ tableName }) => tableName === table));
    const without = await getTables({ tableNameFilterPattern: '%' });
    const plain = without.find(({ tableName }) => tableName === table);
    assert(plain);
    assert.equal(plain.schema, null);
    assert.equal(plain.columns, null);
    assert.deepEqual(await getTables({ tableNameFilterPattern: 'no such table' }), []);
    const arrow = await client().getTables({ catalog, tableNameFilterPattern: table, format: 'arrow' });
    assert.equal(arrow.numRows, 1);
  });

  test('getTableTypes', async () => {
    if (!supports.tableTypes) return assertLacking(() => client().getTableTypes());
    const types = await client().getTableTypes();
    assert(
      types.some((type) => type.tableType === tableType),
      JSON.stringify(types),
    );
    assert.equal((await getTables({ tableTypes: ['no such type'] })).length, 0);
    assert((await getTables({ tableTypes: [tableType] })).some(({ tableName }) => tableName === table));
  });

  test('the keys of tables', async () => {
    if (!supports.keys) {
      await assertLacking(() => client().getPrimaryKeys(table));
      await assertLacking(() => client().getExportedKeys(table));
      await assertLacking(() => client().getImportedKeys(table));
      return assertLacking(() => client().getCrossReference(table, table));
    }
    for (const sql of CREATE) await client().executeUpdate(sql);
    try {
      // As the server spells them.
      const tables = await getTables();
      const named = (name: string) => tables.find(({ tableName }) => lower(tableName) === name)?.tableName ?? assert.fail(name);
      const [parent, child] = [named('conf_parent'), named('conf_child')];

      const primary = await client().getPrimaryKeys(parent);
      const place = ({ tableName, columnName, keySequence }: PrimaryKeyInfo) => [lower(tableName), lower(columnName), keySequence];
      assert.deepEqual(primary.map(place), [
        ['conf_parent', 'a', 1],
        ['conf_parent', 'b', 2],
      ]);

      const reference = (key: ForeignKeyInfo) => [
        lower(key.pkTableName),
        lower(key.pkColumnName),
        lower(key.fkTableName),
        lower(key.fkColumnName),
        key.keySequence,
        key.deleteRule,
      ];
      const first = profile.foreignKeySequenceFrom;
      const expected = [
        ['conf_parent', 'a', 'conf_child', 'pa', first, 'CASCADE'],
        ['conf_parent', 'b', 'conf_child', 'pb', first + 1, 'CASCADE'],
      ];
      assert.deepEqual((await client().getImportedKeys(child)).map(reference), expected);
      assert.deepEqual((await client().getExportedKeys({ table: parent })).map(reference), expected);
      assert.deepEqual((await client().getCrossReference(parent, { table: child })).map(reference), expected);
      assert.deepEqual(await client().getImportedKeys(parent), []);
      assert.deepEqual(await client().getExportedKeys(child), []);
      assert.equal((await client().getPrimaryKeys(parent, { format: 'arrow' })).numRows, 2);
    } finally {
      for (const sql of DROP) await client().executeUpdate(sql);
    }
  });

  test('getSqlInfo: all of it, and what is asked for by name and by code', async () => {
    if (!supports.sqlInfo) return assertLacking(() => client().getSqlInfo());
    const all = await client().getSqlInfo();
    assert.match(all.FLIGHT_SQL_SERVER_NAME ?? '', profile.serverName);
    assert.equal(typeof all.FLIGHT_SQL_SERVER_VERSION, 'string');
    const some = await client().getSqlInfo(['FLIGHT_SQL_SERVER_NAME', 2]);
    const { FLIGHT_SQL_SERVER_NAME, FLIGHT_SQL_SERVER_ARROW_VERSION } = all;
    assert.deepEqual(some, { FLIGHT_SQL_SERVER_NAME, FLIGHT_SQL_SERVER_ARROW_VERSION, other: new Map() });
  });

  test('getXdbcTypeInfo: all types, and those of one number', async () => {
    if (!supports.xdbcTypeInfo) return assertLacking(() => client().getXdbcTypeInfo());
    const all = await client().getXdbcTypeInfo();
    assert(all.length > 0);
    const [first] = all;
    assert(first?.typeName !== null && first?.dataType !== null);
    const one = await client().getXdbcTypeInfo(first?.dataType);
    assert(one.length > 0 && one.length <= all.length);
    assert(one.every(({ dataType }) => dataType === first?.dataType));
  });
}
