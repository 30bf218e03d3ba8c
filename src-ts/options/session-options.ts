/**
 * The value of a session option. Whole numbers are sent as 64-bit integers, and so are bigints; others as doubles. A whole number that the server
 * wants as a double is given as `{ double: 1 }`.
 */
export type SessionOptionInput = string | boolean | number | bigint | readonly string[] | { readonly double: number };
