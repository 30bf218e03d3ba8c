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
