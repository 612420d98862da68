import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { joinStreams } from './join-streams.ts';

/** One side's connection: what it says is pushed, and it takes in what it is told only when `drain` lets it. */
class Side extends Duplex {
  heard = '';
  #waiting: (() => void)[] | undefined = [];

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.heard += chunk.toString();
    if (this.#waiting) this.#waiting.push(done);
    else done();
  }

  drain(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const done of waiting) done();
  }
}

describe('joined streams', () => {
  test('let a slow reader have all that was said before the other side closed', async () => {
    const [client, kubelet] = [new Side(), new Side()];
    kubelet.drain();
    const joined = joinStreams(client, kubelet, new AbortController().signal);
    for (const part of ['out', 'put, ', 'exit code']) kubelet.push(part);
    kubelet.push(null);
    kubelet.end();
    await once(kubelet, 'close');
    expect(client.destroyed).toBe(false);
    client.drain();
    await joined;
    expect(client.heard).toBe('output, exit code');
  });

  test('end together when one side is cut off', async () => {
    const [client, kubelet] = [new Side(), new Side()];
    const joined = joinStreams(client, kubelet, new AbortController().signal);
    client.push('typing');
    client.destroy(new Error('read ECONNRESET'));
    await joined;
    expect(kubelet.destroyed).toBe(true);
  });

  test('end when the request is aborted', async () => {
    const [client, kubelet] = [new Side(), new Side()];
    const abort = new AbortController();
    const joined = joinStreams(client, kubelet, abort.signal);
    abort.abort();
    await joined;
    expect([client.destroyed, kubelet.destroyed]).toEqual([true, true]);
  });
});
