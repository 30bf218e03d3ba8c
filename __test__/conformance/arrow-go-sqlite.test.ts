import { after, before, describe } from 'node:test';
import { connect, type FlightSQLClient } from 'flightsql';
import { startArrowGoSqlite } from '../servers/arrow-go-sqlite.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import { conformance } from './suite.js';

describe("conformance: arrow-go's SQLite server", { skip: unlessInstallable('arrow-go-sqlite') }, () => {
  const server = useServer(startArrowGoSqlite);
  let client: FlightSQLClient;
  before(async () => {
    client = await connect(server().uri);
  });
  after(() => client?.close());

  conformance({
    client: () => client,
    supports: {
      updates: true,
      prepared: true,
      parameters: true,
      overlappingRuns: true,
      parameterSchema: false,
      transactions: true,
      savepoints: false,
      executeSchema: false,
      metadataSchema: true,
      tableTypes: true,
      keys: true,
      sqlInfo: true,
      xdbcTypeInfo: true,
    },
    table: 'intTable',
    column: 'keyName',
    tableType: 'table',
    foreignKeySequenceFrom: 0,
    serverName: /db_name/,
  });
});
