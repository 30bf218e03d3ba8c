import { after, before, describe } from 'node:test';
import { connect, type FlightSQLClient } from 'flightsql';
import { startRoapi } from '../servers/roapi.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import { conformance } from './suite.js';

describe('conformance: roapi (DataFusion)', { skip: unlessInstallable('roapi') }, () => {
  const server = useServer(startRoapi);
  let client: FlightSQLClient;
  before(async () => {
    client = await connect(server().uri);
  });
  after(() => client?.close());

  conformance({
    client: () => client,
    supports: {
      updates: false,
      prepared: true,
      parameters: false,
      overlappingRuns: false,
      parameterSchema: false,
      transactions: false,
      savepoints: false,
      executeSchema: true,
      metadataSchema: true,
      tableTypes: false,
      keys: false,
      sqlInfo: true,
      xdbcTypeInfo: false,
    },
    table: 'inttable',
    column: 'keyname',
    tableType: 'table',
    foreignKeySequenceFrom: 1,
    serverName: /^RoAPI Flight SQL Server$/,
  });
});
