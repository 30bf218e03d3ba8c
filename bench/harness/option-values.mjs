/** Kinds of options, as `parseArgs` wants them. */
export const text = { type: 'string' };
export const flag = { type: 'boolean', default: false };

export function wholeNumber(name, given, otherwise) {
  if (given === undefined) return otherwise;
  const number = Number(given);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} is a whole number above 0, not '${given}'`);
  return number;
}

export function someOf(name, given, known, otherwise) {
  if (given === undefined) return otherwise;
  const chosen = given.split(',');
  const unknown = chosen.filter((one) => !known.includes(one));
  if (unknown.length > 0) throw new Error(`--${name} knows ${known.join(', ')}, not ${unknown.join(', ')}`);
  return chosen;
}

/** What every bench takes. */
export const SHARED = {
  rounds: text,
  clients: text,
  seed: text,
  output: text,
  report: text,
  markdown: flag,
  assert: flag,
  'no-build': flag,
  help: flag,
};

/** The values of what every bench takes. `rounds` is how many there are where nothing is said. */
export function sharedOptions(values, clients, rounds) {
  const names = Object.keys(clients);
  return {
    rounds: wholeNumber('rounds', values.rounds, rounds),
    clients: someOf('clients', values.clients, names, names),
    seed: wholeNumber('seed', values.seed, Date.now() % 1_000_000),
    output: values.output ?? null,
    report: values.report ?? null,
    markdown: values.markdown,
    assert: values.assert,
    build: !values['no-build'],
    help: values.help,
  };
}
