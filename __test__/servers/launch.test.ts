import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { accepts, freePorts, launch } from './launch.js';

const ACCEPTS_FOREVER = "require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1')";
const IGNORES_SIGTERM = `process.on('SIGTERM', () => {}); ${ACCEPTS_FOREVER}`;

test('a server that is stopped has ended, even one that does not want to', async () => {
  for (const program of [ACCEPTS_FOREVER, IGNORES_SIGTERM]) {
    const [port = 0] = await freePorts(1);
    const server = await launch({ name: 'test', command: process.execPath, args: ['-e', program, String(port)], port });
    await server.stop();
    assert.equal(await accepts(port), false);
    server.forget();
  }
});

test('a server ends with the process that started it, however that one dies', async () => {
  const [port = 0] = await freePorts(1);
  const launching = `
    import { launch } from ${JSON.stringify(fileURLToPath(new URL('launch.ts', import.meta.url)))};
    const args = ['-e', ${JSON.stringify(ACCEPTS_FOREVER)}, '${port}'];
    await launch({ name: 'test', command: process.execPath, args, port: ${port} });
    console.log('started');
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', launching], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: parent.stdout }), 'line');
  assert.equal(await accepts(port), true);
  parent.kill('SIGKILL');
  while (await accepts(port)) await new Promise(setImmediate);
});

test('a server that ends at once is an error that shows what it printed', async () => {
  const [port = 0] = await freePorts(1);
  const args = ['-e', "console.error('no such option'); process.exit(3)"];
  await assert.rejects(launch({ name: 'test', command: process.execPath, args, port }), /test ended before.*no such option/s);
});
