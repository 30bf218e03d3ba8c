import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed } from './install/installed.mjs';
import { freePorts, launch, type RunningServer, serverFolder } from './launch.js';

/** `login`: user and password by handshake, answered by a bearer token. `token`: one fixed bearer token. */
export type RoapiAuth = 'none' | 'login' | 'token';

export const ROAPI_USER = { user: 'demo', password: 'secret' } as const;
export const ROAPI_TOKEN = 'a-fixed-token';

/** The CSV file behind the table `t`; an empty field is a null. */
export const ROAPI_ROWS = [
  { id: 1n, name: 'one', amount: 1.5 },
  { id: 2n, name: 'größer', amount: -0.25 },
  { id: 3n, name: null, amount: null },
] as const;

/** The table that arrow-go's and arrow-java's servers have, too. */
const INTTABLE = ['id,keyname,value', '1,one,1', '2,zero,0', '3,negative one,-1', ''].join('\n');

/** DataFusion behind roapi. */
export async function startRoapi(auth: RoapiAuth = 'none'): Promise<RunningServer> {
  const installation = await installed('roapi');
  const [port = 0, http = 0, postgres = 0] = await freePorts(3);
  const folder = serverFolder('roapi');
  const rows = ROAPI_ROWS.map(({ id, name, amount }) => `${id},${name ?? ''},${amount ?? ''}`);
  writeFileSync(join(folder, 't.csv'), ['id,name,amount', ...rows, ''].join('\n'));
  writeFileSync(join(folder, 'inttable.csv'), INTTABLE);
  // roapi takes no other suffix; JSON is YAML too.
  writeFileSync(join(folder, 'roapi.yml'), JSON.stringify(configuration(auth, { port, http, postgres })));
  return launch({ name: 'roapi', command: join(installation, 'venv/bin/roapi'), args: ['-c', 'roapi.yml'], port, folder });
}

function configuration(auth: RoapiAuth, ports: { port: number; http: number; postgres: number }): object {
  const { user: username, password } = ROAPI_USER;
  const flightSql = { none: undefined, login: { auth_basic: { username, password } }, token: { auth_token: ROAPI_TOKEN } }[auth];
  return {
    addr: { http: `127.0.0.1:${ports.http}`, flight_sql: `127.0.0.1:${ports.port}`, postgres: `127.0.0.1:${ports.postgres}` },
    tables: ['t', 'inttable'].map((name) => ({ name, uri: `${name}.csv` })),
    ...(flightSql && { flight_sql_config: flightSql }),
  };
}
