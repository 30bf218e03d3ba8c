import { after } from 'node:test';
import { FlightSQLClient, type FlightSQLClientOptions } from 'flightsql';

/** A client of a server on this machine, closed after the tests of the file that calls this. */
export function clientOf(server: { readonly port: number }, options: FlightSQLClientOptions = {}): FlightSQLClient {
  const client = new FlightSQLClient({ host: '127.0.0.1', port: server.port, transport: 'tcp', ...options });
  after(() => client.close());
  return client;
}
