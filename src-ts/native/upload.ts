import { FlightSQLError } from '../errors.js';
import type { NativePut } from './binding-types.js';
import { CALL_OVER, type Call, CallEnd } from './call.js';

/**
 * What a source yields, as long as the upload that it is for goes on. A server may end that at any time, and a source may wait for ever: then this
 * throws what the server said.
 */
export async function* whileUploading<T>(source: AsyncIterator<T>, put: NativePut, call: Call): AsyncGenerator<T, void, undefined> {
  const end = new CallEnd(put.ended());
  try {
    const next = () => call.during(source.next(), undefined, end);
    for (let element = await next(); element.done !== true; element = await next()) yield element.value;
  } catch (error) {
    if (error !== CALL_OVER) throw error;
    call.valueOrThrow(await put.finishPlain());
    throw new FlightSQLError('PROTOCOL_ERROR', 'the server ended the upload before everything was sent');
  }
}
