import type { NativeReading } from '../native/binding-types.js';
import { boolean, integer, oneOf } from './checks.js';

/** How much the schemas that a result's streams come with have to agree with what the server announced, and with one another. */
export type SchemaCheck = 'compatible' | 'strict' | 'off';

/** How a result is read. A client's hold for all of its results, a call's for the one. */
export interface ReadOptions {
  /**
   * Whether batches come in the order of the result's endpoints. Default `true`: the same query gives its rows in the same order each time, also
   * where the server says that their order does not matter, and an endpoint that is read before its turn waits with what it has.
   *
   * With `false` batches come as they arrive, so that no endpoint waits for a slower one; those of one endpoint stay in their order. Columns that are
   * encoded by dictionaries belong to the stream that sent those: such a result comes endpoint by endpoint, whichever is ready first. A result whose
   * FlightInfo says that it is ordered comes in order all the same.
   */
  readonly ordered?: boolean | undefined;
  /**
   * What is checked of the schema that a stream comes with. What differs too much fails with code `SCHEMA_MISMATCH`, column by column.
   *
   * * `compatible`, the default: the names and types of columns have to be those of `FlightInfo.schema`, and of the other streams. What may be null,
   *   metadata, and the names of nested fields may differ, and from FlightInfo also the encoding: in a dictionary or in runs, as views, or with offsets of another
   *   width. A FlightInfo without a schema, or with one that has no columns or cannot be read, is not looked at.
   * * `strict`: nullability, metadata and encoding as well.
   * * `off`: FlightInfo is not looked at, and names may differ; but a stream has to have the types of the first one, as a result has one schema.
   *
   * The rows have the schema of their streams in any case, not the announced one.
   */
  readonly schemaCheck?: SchemaCheck | undefined;
  /** Endpoints that are read at a time, 1 to 1,024. Default 4. */
  readonly concurrency?: number | undefined;
  /**
   * Whether endpoints that expire are renewed (`RenewFlightEndpoint`) while they wait for their turn and while they are read. Default `true`. A server that
   * knows no renewal is not asked again for the same result, and is read as it is.
   */
  readonly renew?: boolean | undefined;
}

/** Options of {@link FlightSQLClient.doGet} beside those of every call. */
export type EndpointOptions = Pick<ReadOptions, 'renew'>;

export const endpointChecks = { renew: boolean };

export const readChecks = {
  ...endpointChecks,
  ordered: boolean,
  schemaCheck: oneOf('compatible', 'strict', 'off'),
  concurrency: integer(1, 1024),
};

interface Given {
  readonly ordered?: boolean;
  readonly schemaCheck?: SchemaCheck;
  readonly concurrency?: number;
  readonly renew?: boolean;
}

const DEFAULTS: NativeReading = Object.freeze({ concurrency: 4, ordered: true, schemaCheck: 'compatible', renew: true });

/** How a client reads results: what its options say, with the defaults for the rest. */
export function clientReading({ concurrency, ordered, schemaCheck, renew }: Given): NativeReading {
  return Object.freeze({
    concurrency: concurrency ?? DEFAULTS.concurrency,
    ordered: ordered ?? DEFAULTS.ordered,
    schemaCheck: schemaCheck ?? DEFAULTS.schemaCheck,
    renew: renew ?? DEFAULTS.renew,
  });
}

/** What the options of one call say of reading, a `null` for what they do not say; `null` where they say nothing. */
export function readingOf(given: Given): NativeReading | null {
  const reading = Object.freeze({
    concurrency: given.concurrency ?? null,
    ordered: given.ordered ?? null,
    schemaCheck: given.schemaCheck ?? null,
    renew: given.renew ?? null,
  });
  return Object.values(reading).every((each) => each === null) ? null : reading;
}
