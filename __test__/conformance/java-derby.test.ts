import { after, before, describe } from 'node:test';
import { connect, type FlightSQLClient } from 'flightsql';
import { DERBY_USER, startJavaDerby } from '../servers/java-derby.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import { conformance } from './suite.js';

describe("conformance: arrow-java's Derby server", { skip: unlessInstallable('java-derby') }, () => {
  const server = useServer(() => startJavaDerby({ auth: 'basic' }));
  let client: FlightSQLClient;
  before(async () => {
    client = await connect(server().uri, DERBY_USER);
  });
  after(() => client?.close());

  conformance({
    client: () => client,
    supports: {
      updates: true,
      prepared: true,
      parameters: true,
      overlappingRuns: false,
      parameterSchema: true,
      transactions: false,
      savepoints: false,
      executeSchema: true,
      metadataSchema: true,
      tableTypes: true,
      keys: true,
      sqlInfo: true,
      xdbcTypeInfo: true,
    },
    table: 'INTTABLE',
    column: 'KEYNAME',
    tableType: 'TABLE',
    foreignKeySequenceFrom: 1,
    serverName: /Derby/,
  });
});
