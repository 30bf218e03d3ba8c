import { spawn, spawnSync } from 'node:child_process';

/** Arguments with which each tool succeeds if it is all there: Debian's Python comes without venv. */
const PROBE = { go: ['version'], java: ['-version'], javac: ['-version'], mvn: ['-version'], python3: ['-c', 'import ensurepip, venv'] };

/** Says which of the tools the machine lacks. */
export function missingTools(tools) {
  return tools.filter((tool) => spawnSync(tool, PROBE[tool], { stdio: 'ignore' }).status !== 0);
}

/** Runs a tool to its end; a failure carries what the tool printed. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        output = (output + text).slice(-20_000);
      });
    }
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`${[command, ...args].join(' ')} ended with status ${status}:\n${output}`));
    });
  });
}
