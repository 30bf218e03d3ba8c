import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';
import { inBench } from './programs.mjs';

/** What the figures hold for: the machine, and the versions that were measured. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    versions: { ...pythonVersions(), ...peerVersions() },
  };
}

/** How many processes wanted a core lately: above the bench's own two, something else is measured too. */
export const load = () => loadavg()[0];

function pythonVersions() {
  const requirements = readFileSync(new URL('../../__test__/servers/python/requirements.txt', import.meta.url), 'utf8');
  return Object.fromEntries(
    requirements
      .split('\n')
      .filter((line) => line.includes('=='))
      .map((line) => line.trim().split('==')),
  );
}

function peerVersions() {
  return JSON.parse(readFileSync(inBench('peers/package.json'), 'utf8')).dependencies;
}
