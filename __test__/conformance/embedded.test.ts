import { after, before, describe } from 'node:test';
import { connect, type FlightSQLClient } from 'flightsql';
import { EmbeddedServer } from 'flightsql/server';
import { conformance } from './suite.js';

describe('conformance: the embedded server', () => {
  let server: EmbeddedServer;
  let client: FlightSQLClient;
  before(async () => {
    server = await EmbeddedServer.start({
      init: "CREATE TABLE known (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO known VALUES (1, 'one'), (2, 'two'), (3, NULL)",
    });
    client = await connect(server.uri);
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });

  conformance({
    client: () => client,
    supports: {
      updates: true,
      prepared: true,
      parameters: true,
      overlappingRuns: true,
      parameterSchema: true,
      ingest: true,
      poll: true,
      cancel: true,
      renew: true,
      sessions: true,
      transactions: true,
      savepoints: true,
      executeSchema: true,
      metadataSchema: true,
      tableTypes: true,
      keys: true,
      sqlInfo: true,
      xdbcTypeInfo: true,
    },
    table: 'known',
    column: 'name',
    placeholder: () => '?',
    catalog: null,
    tableType: 'table',
    foreignKeySequenceFrom: 1,
    serverName: /^flightsql embedded server$/,
  });
});
