import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NativeMessages } from '../../src-ts/native/binding-types.js';
import { MessageSequence } from '../../src-ts/native/messages.js';
import { resolveCallOptions } from '../../src-ts/options/call-options.js';

class NativeCancellation {
  cancel(): void {}
}

/** A sequence over an addon that hands over these messages, so many at once. */
function sequenceOf(...deliveries: readonly string[][]): MessageSequence<string> {
  const waiting = deliveries.map((texts) => texts.map((text) => new TextEncoder().encode(text)));
  const native = { next: async () => [null, waiting.shift() ?? []], cancel: () => {} } as unknown as NativeMessages;
  const addon = { NativeCancellation } as ConstructorParameters<typeof MessageSequence>[0];
  return new MessageSequence(
    addon,
    resolveCallOptions(undefined),
    () => native,
    (message) => new TextDecoder().decode(message),
  );
}

describe('the messages of a call', () => {
  test('are read in order, whatever comes at once', async () => {
    const texts: string[] = [];
    for await (const text of sequenceOf(['a', 'b'], ['c'], ['d'])) texts.push(text);
    assert.deepEqual(texts, ['a', 'b', 'c', 'd']);
  });

  test('reads that overlap get each message once', async () => {
    const sequence = sequenceOf(['a', 'b'], ['c', 'd']);
    const read = await Promise.all([sequence.next(), sequence.next(), sequence.next(), sequence.next(), sequence.next()]);
    assert.deepEqual(
      read.map(({ value }) => value),
      ['a', 'b', 'c', 'd', undefined],
    );
  });
});
