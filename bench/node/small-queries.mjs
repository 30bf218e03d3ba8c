// This package: a one-row query read into a table, and a prepared one with a parameter.
import { connect } from 'flightsql';
import { measureQueries, ONE_ROW, PREPARED, uri } from './small-measured.mjs';

const db = await connect(uri);
try {
  await measureQueries({
    query: async () => (await db.query(ONE_ROW)).table(),
    prepare: async () => {
      const statement = await db.prepare(PREPARED);
      return async (id) => (await statement.query([id])).table();
    },
  });
} finally {
  await db.close();
}
