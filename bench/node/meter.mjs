// What the measured section of a Node client cost its process.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What was read before is let go before the next read, as reference counts do it elsewhere. */
export async function letGo() {
  globalThis.gc();
  await delay(20);
}

/** Does the work, and says what it gave and what it cost. */
export async function metered(work) {
  forgetPeakRss();
  const rssBytes = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const began = process.hrtime.bigint();
  const tally = await work();
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { tally, seconds, cpuSeconds: (user + system) / 1e6, rssBytes, peakRssBytes: peakRss() };
}

// Linux takes its high-water mark of the resident set back to the present size on this write.
function forgetPeakRss() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux: there is no such mark, and `peakRss` says so.
  }
}

function peakRss() {
  try {
    const mark = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return mark === null ? null : Number(mark[1]) * 1024;
  } catch {
    return null;
  }
}
