// What a server is asked for by the metadata calls: what was given, and nothing else. Any is left out; '' is the empty name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlightSQLClient } from 'flightsql';
import { clientOf } from './expect/client.js';
import { GOOD_SCHEMA } from './server/good-stream.js';
import { ScriptedServer } from './server/scripted-server.js';
import { bytesField } from './wire/flight-data.js';
import { commandOf, encapsulated } from './wire/flight-sql.js';
import { bytesAt } from './wire/requests.js';

const server = await ScriptedServer.start();
const client = clientOf(server);
server.on('GetSchema', () => [bytesField(1, encapsulated(GOOD_SCHEMA.header))]);

/** The fields of a command as a test writes them: text of the field by this number, or the bytes after its number and wire type. */
const text = (field: number, value: string) => [field * 8 + 2, value.length, ...Buffer.from(value)];
const number = (field: number, ...varint: readonly number[]) => [field * 8, ...varint];

type Call = (on: FlightSQLClient) => Promise<unknown>;
const format = 'schema';

const CASES: readonly (readonly [what: string, call: Call, name: string, fields: readonly (readonly number[])[]])[] = [
  ['getCatalogs', (db) => db.getCatalogs({ format }), 'CommandGetCatalogs', []],
  ['getTableTypes', (db) => db.getTableTypes({ format }), 'CommandGetTableTypes', []],
  ['getDbSchemas of any', (db) => db.getDbSchemas({ format }), 'CommandGetDbSchemas', []],
  [
    'getDbSchemas of a catalog and a pattern',
    (db) => db.getDbSchemas({ catalog: '', dbSchemaFilterPattern: 'a%', format }),
    'CommandGetDbSchemas',
    [text(1, ''), text(2, 'a%')],
  ],
  ['getTables of any, without their schemas', (db) => db.getTables({ format }), 'CommandGetTables', []],
  ['getTables that asks for no schemas', (db) => db.getTables({ includeSchema: false, format }), 'CommandGetTables', []],
  ['getTables with their schemas', (db) => db.getTables({ includeSchema: true, format }), 'CommandGetTables', [number(5, 1)]],
  [
    'getTables with every filter',
    (db) =>
      db.getTables({
        catalog: 'c',
        dbSchemaFilterPattern: '',
        tableNameFilterPattern: 't_',
        tableTypes: ['table', 'view'],
        includeSchema: true,
        format,
      }),
    'CommandGetTables',
    [text(1, 'c'), text(2, ''), text(3, 't_'), text(4, 'table'), text(4, 'view'), number(5, 1)],
  ],
  ['getPrimaryKeys by name', (db) => db.getPrimaryKeys('t', { format }), 'CommandGetPrimaryKeys', [text(3, 't')]],
  [
    'getPrimaryKeys of a table without a schema',
    (db) => db.getPrimaryKeys({ catalog: 'c', dbSchema: '', table: 't' }, { format }),
    'CommandGetPrimaryKeys',
    [text(1, 'c'), text(2, ''), text(3, 't')],
  ],
  [
    'getExportedKeys',
    (db) => db.getExportedKeys({ dbSchema: 's', table: 't' }, { format }),
    'CommandGetExportedKeys',
    [text(2, 's'), text(3, 't')],
  ],
  [
    'getImportedKeys',
    (db) => db.getImportedKeys({ dbSchema: 's', table: 't' }, { format }),
    'CommandGetImportedKeys',
    [text(2, 's'), text(3, 't')],
  ],
  [
    'getCrossReference, the table of the primary key first',
    (db) => db.getCrossReference({ catalog: 'a', table: 'pk' }, { dbSchema: 'b', table: 'fk' }, { format }),
    'CommandGetCrossReference',
    [text(1, 'a'), text(3, 'pk'), text(5, 'b'), text(6, 'fk')],
  ],
  ['getSqlInfo of all', (db) => db.getSqlInfo(null, { format }), 'CommandGetSqlInfo', []],
  [
    'getSqlInfo by name and by code',
    (db) => db.getSqlInfo(['FLIGHT_SQL_SERVER_VERSION', 500], { format }),
    'CommandGetSqlInfo',
    [[0x0a, 3, 1, 0xf4, 3]],
  ],
  ['getXdbcTypeInfo of all', (db) => db.getXdbcTypeInfo(null, { format }), 'CommandGetXdbcTypeInfo', []],
  ['getXdbcTypeInfo of one number', (db) => db.getXdbcTypeInfo(4, { format }), 'CommandGetXdbcTypeInfo', [number(1, 4)]],
  ['getXdbcTypeInfo of number 0', (db) => db.getXdbcTypeInfo(0, { format }), 'CommandGetXdbcTypeInfo', [number(1, 0)]],
];

for (const [what, call, expected, fields] of CASES) {
  test(what, async () => {
    await call(client);
    const command = commandOf(bytesAt(server.lastOf('GetSchema'), 2));
    assert.equal(command.name, expected);
    assert.deepEqual([...command.fields], fields.flat());
  });
}
