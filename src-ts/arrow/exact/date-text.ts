const DAYS_PER_ERA = 146_097;
/** Days from 0000-03-01, where the 400-year eras begin, to 1970-01-01. */
const ERA_ORIGIN = 719_468;

/**
 * `YYYY-MM-DD` of a number of days since 1970-01-01, in the proleptic Gregorian calendar.
 *
 * Years outside 0–9999 are written as ISO 8601's expanded years are, with a sign and at least six digits. Any day that a 64-bit count of
 * seconds can reach is right; `Date` ends at the year 275760.
 */
export function dateText(days: number): string {
  const fromOrigin = days + ERA_ORIGIN;
  const era = Math.floor(fromOrigin / DAYS_PER_ERA);
  const dayOfEra = fromOrigin - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  // The year begins in March here, so that the leap day is its last.
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${yearText(year)}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0');
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
}
