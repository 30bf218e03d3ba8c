import { join } from 'node:path';
import { installed } from './install/installed.mjs';
import { freePorts, launch, type RunningServer } from './launch.js';

/** arrow-go's example over an SQLite in memory, with the tables `intTable` and `foreignTable`. No authentication. */
export async function startArrowGoSqlite(): Promise<RunningServer> {
  const folder = await installed('arrow-go-sqlite');
  const [port = 0] = await freePorts(1);
  const args = ['-host', '127.0.0.1', '-port', String(port)];
  return launch({ name: 'arrow-go-sqlite', command: join(folder, 'sqlite_flightsql_server'), args, port });
}
