import { FlightSQLError } from './errors.js';
import { type EndpointSource, type FlightEndpoint, sourceOf } from './flight-info.js';
import { encodeEndpoint } from './native/flight-messages.js';
import { expected } from './options/checks.js';

/**
 * What doGet reads: a ticket's bytes, or an endpoint.
 *
 * An endpoint that `execute` returned is sent on as it was received; any other object with a ticket, such as one that crossed to a worker,
 * is read by its ticket and locations.
 */
export function endpointToRead(ticket: unknown): EndpointSource {
  if (ticket instanceof Uint8Array) return { encoded: encodeEndpoint(ticket), index: 0 };
  if (ticket === null || ticket === undefined) {
    throw new FlightSQLError('INVALID_ARGUMENT', 'doGet() was given no ticket', {
      hint: 'the server sent an endpoint without one, or the result has no endpoints',
    });
  }
  if (typeof ticket !== 'object' || !('ticket' in ticket)) {
    throw expected('what doGet() reads', 'a ticket (a Uint8Array) or an endpoint of a FlightInfo', ticket);
  }
  const endpoint = ticket as Partial<FlightEndpoint>;
  const source = sourceOf(endpoint as FlightEndpoint);
  if (source !== undefined) return source;
  if (endpoint.ticket === null) return endpointToRead(null);
  if (!(endpoint.ticket instanceof Uint8Array)) throw expected("the endpoint's ticket", 'a Uint8Array', endpoint.ticket);
  return { encoded: encodeEndpoint(endpoint.ticket, locationsOf(endpoint)), index: 0 };
}

function locationsOf(endpoint: Partial<FlightEndpoint>): readonly string[] {
  const locations = endpoint.locations ?? [];
  if (!Array.isArray(locations)) throw expected("the endpoint's locations", 'an array of URIs', locations);
  for (const location of locations)
    if (typeof location !== 'string') throw expected("the endpoint's locations", 'an array of URIs', location);
  return locations;
}
