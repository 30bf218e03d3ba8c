/**
 * SQL that makes a shop in the embedded server's database: customers, products, `orders` orders, and half as many sensor readings.
 *
 * Values are computed from the row's number, so that every run has the same.
 */
export function shopOf(orders: number): string {
  const customers = Math.max(1, Math.floor(orders / 10));
  return `
    CREATE TABLE customers (
      id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL, email TEXT, since DATE NOT NULL
    );
    ${rows(customers)}
    INSERT INTO customers SELECT
      i, 'Customer ' || i,
      substr('ATBRCAEGFRINJPKEMXNZ', 1 + 2 * (i % 97 * (i % 89) % 10), 2),
      CASE WHEN i % 7 = 0 THEN NULL ELSE 'c' || i || '@example.org' END,
      date('2015-01-01', '+' || (i % 3650) || ' days')
    FROM n;

    CREATE TABLE products (id BIGINT NOT NULL PRIMARY KEY, title TEXT NOT NULL, price DECIMAL(10, 2) NOT NULL);
    ${rows(1000)}
    INSERT INTO products SELECT i, 'Product №' || i, (199 + i * 7919 % 50000) / 100.0 FROM n;

    CREATE TABLE orders (
      id BIGINT NOT NULL PRIMARY KEY, customer_id BIGINT NOT NULL, product_id BIGINT NOT NULL, quantity BIGINT NOT NULL,
      amount DECIMAL(12, 2) NOT NULL, ordered_at TIMESTAMP NOT NULL, note TEXT
    );
    ${rows(orders)}
    INSERT INTO orders SELECT
      i, i * 7919 % ${customers}, i * 104729 % 1000, 1 + i % 9,
      (i * 7919 % 1000000) / 100.0,
      1577836800 + i * 61,
      CASE WHEN i % 5 = 0 THEN 'leave it with neighbour ' || (i % 100) END
    FROM n;

    CREATE TABLE readings (sensor TEXT NOT NULL, at TIMESTAMP NOT NULL, celsius DOUBLE);
    ${rows(Math.floor(orders / 2))}
    INSERT INTO readings SELECT
      'sensor-' || (i % 64), 1704067200 + i, CASE WHEN i % 11 = 0 THEN NULL ELSE 20.0 + (i % 1000) / 100.0 END
    FROM n;
  `;
}

/** The start of a statement that can select the numbers from 0 from `n`. */
function rows(count: number): string {
  return `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${count})`;
}
