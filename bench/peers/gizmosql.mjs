// @gizmodata/gizmosql-client 1.x: `execute` gives a table.
import { host, measure, mode, port, unavailable } from '../node/measured.mjs';
import { requirePeer } from './from.mjs';

if (mode === 'stream') unavailable('it has no way to read a result batch by batch');

const { FlightSQLClient } = requirePeer('@gizmodata/gizmosql-client');
const client = new FlightSQLClient({ host, port: Number(port), plaintext: true, username: 'bench', password: 'bench' });
await client.connect();
await measure({ table: (query) => client.execute(query) });
// Its close() waits for a reply to CloseSession, which the bench's servers do not have.
process.exit(0);
