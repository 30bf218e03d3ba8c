import { after, before, describe } from 'node:test';
import { connect, type FlightSQLClient } from 'flightsql';
import { startArrowGoSqlite } from '../servers/arrow-go-sqlite.js';
import { unlessInstallable, useServer } from '../servers/use-server.js';
import { conversation } from './foreign/conversation.js';

describe("arrow-go's SQLite server", { skip: unlessInstallable('arrow-go-sqlite') }, () => {
  const server = useServer(startArrowGoSqlite);
  let client: FlightSQLClient;
  before(async () => {
    client = await connect(server().uri);
  });
  after(() => client?.close());

  conversation({
    client: () => client,
    known: {
      sql: 'SELECT id, keyName, value FROM intTable ORDER BY id',
      rows: [
        { id: 1n, keyName: 'one', value: 1n },
        { id: 2n, keyName: 'zero', value: 0n },
        { id: 3n, keyName: 'negative one', value: -1n },
        { id: 4n, keyName: null, value: null },
      ],
    },
    none: 'SELECT id, keyName FROM intTable WHERE id < 0',
    long: {
      sql: 'WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 100000) SELECT n FROM counter',
      count: 100_000,
    },
    unknownTable: { sql: 'SELECT * FROM absent', code: 'UNKNOWN', message: /no such table: absent/ },
  });
});
