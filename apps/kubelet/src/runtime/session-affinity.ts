import type { Clock, Random } from '@pilothouse/component';
import type { Backends, Endpoint } from './cluster-network.ts';

/** Beyond this what is over is forgotten. */
const MANY = 1_000;

/**
 * Chooses who behind a service answers: anybody, or with session affinity whoever answered this client last.
 * https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity
 */
export class SessionAffinity {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sessions = new Map<string, { readonly endpoint: Endpoint; readonly untilMs: number }>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  choose({ endpoints, affinity }: Backends, clientAddress: string): Endpoint | undefined {
    const anybody = endpoints[Math.floor(this.#random.next() * endpoints.length)];
    if (!affinity || !anybody) return anybody;
    const nowMs = this.#clock.monotonicMs();
    const key = `${affinity.key}/${clientAddress}`;
    const session = this.#sessions.get(key);
    const kept =
      session && session.untilMs > nowMs
        ? endpoints.find(({ address, port }) => address === session.endpoint.address && port === session.endpoint.port)
        : undefined;
    const endpoint = kept ?? anybody;
    if (this.#sessions.size >= MANY) this.#forget(nowMs);
    this.#sessions.set(key, { endpoint, untilMs: nowMs + affinity.timeoutSeconds * 1000 });
    return endpoint;
  }

  #forget(nowMs: number): void {
    for (const [key, { untilMs }] of this.#sessions) if (untilMs <= nowMs) this.#sessions.delete(key);
  }
}
