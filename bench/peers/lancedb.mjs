// @lancedb/arrow-flight-sql-client: `toArrowStream`, or `collectToArrow`, which gives an array of batches.
import { host, measure, port } from '../node/measured.mjs';
import { requirePeer } from './from.mjs';

const { Client } = requirePeer('@lancedb/arrow-flight-sql-client');
const client = await Client.connect({ host: `${host}:${port}`, username: 'bench', password: 'bench', insecure: true });
await measure({
  stream: async (query) => (await client.query(query)).toArrowStream(),
  table: async (query) => (await client.query(query)).collectToArrow(),
});
// It has no close(): its channel would keep the process alive.
process.exit(0);
