import { spawn, spawnSync } from 'node:child_process';

/** Arguments with which each tool succeeds if it is all there: Debian's Python comes without venv. */
const PROBE = {
  cargo: ['--version'],
  cc: ['--version'],
  go: ['env', 'GOVERSION'],
  java: ['-version'],
  javac: ['-version'],
  mvn: ['-version'],
  python3: ['-c', 'import ensurepip, venv'],
};

/** What a tool must be at least, found in what its probe prints. */
const LEAST = {
  cargo: { pattern: /^cargo (\d+)\.(\d+)/, version: [1, 94] },
  go: { pattern: /\bgo(\d+)\.(\d+)/, version: [1, 25] },
};

/** Says which of the tools the machine lacks, or has in too old a version. */
export function missingTools(tools) {
  return tools.flatMap((tool) => {
    const { status, stdout } = spawnSync(tool, PROBE[tool], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    if (status !== 0) return [tool];
    const least = LEAST[tool];
    if (least === undefined) return [];
    const [major = 0, minor = 0] = (least.pattern.exec(stdout) ?? []).slice(1).map(Number);
    const isEnough = major > least.version[0] || (major === least.version[0] && minor >= least.version[1]);
    return isEnough ? [] : [`${tool} ${least.version.join('.')} or later (there is ${stdout.trim()})`];
  });
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
