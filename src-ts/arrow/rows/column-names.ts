/**
 * The names of fields as the keys of a row object, each of them unique.
 *
 * The first of several fields of one name keeps it; the others get `_1`, `_2`… appended, passing over every name that is in use, so that a field
 * never loses its own name to a suffix: `a, a, a_1` are `a, a_2, a_1`.
 */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  if (taken.size === names.length) return names;
  const seen = new Set<string>();
  const nextSuffix = new Map<string, number>();
  return names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    let suffix = nextSuffix.get(name) ?? 1;
    while (taken.has(`${name}_${suffix}`)) suffix++;
    nextSuffix.set(name, suffix + 1);
    taken.add(`${name}_${suffix}`);
    return `${name}_${suffix}`;
  });
}
