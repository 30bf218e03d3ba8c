// This package: the batches of a result in a loop, or `table()`.
import { connect } from 'flightsql';
import { measure, uri } from './measured.mjs';

const db = await connect(uri);
try {
  await measure({
    stream: (query) => db.query(query),
    table: async (query) => (await db.query(query)).table(),
  });
} finally {
  await db.close();
}
