// @gizmodata/gizmosql-client 1.x: `execute` gives a table.
import { host, kind, measureQueries, ONE_ROW, port, unavailable } from '../node/small-measured.mjs';
import { requirePeer } from './from.mjs';

if (kind === 'prepared') unavailable('its prepared statements take no parameters, and preparing fails');

const { FlightSQLClient } = requirePeer('@gizmodata/gizmosql-client');
const client = new FlightSQLClient({ host, port: Number(port), plaintext: true, username: 'bench', password: 'bench' });
await client.connect();
await measureQueries({ query: () => client.execute(ONE_ROW) });
// Its close() waits for a reply to CloseSession, which the bench's servers do not have.
process.exit(0);
