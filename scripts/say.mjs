// What the scripts tell, on standard error, so that output that is data stays apart.

/** One line about what happens now. */
export function say(line) {
  process.stderr.write(`» ${line}\n`);
}

/** Ends the script with a message. */
export function fail(message) {
  process.stderr.write(`✗ ${message}\n`);
  process.exit(1);
}

/** `3.4 s`, `2 min 5 s` */
export function duration(ms) {
  const seconds = ms / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
