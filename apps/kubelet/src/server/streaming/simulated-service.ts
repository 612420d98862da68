import type { Pod } from '@pilothouse/api';

/** What answers on a port of a pod: HTTP with a word about who answers, and anything else is sent back as it came. */
export class SimulatedService {
  readonly #greeting: string;
  #pending: Buffer = Buffer.alloc(0);
  #protocol: 'unknown' | 'http' | 'echo' = 'unknown';

  constructor(pod: Pod, port: number) {
    const { namespace, name } = pod.metadata;
    this.#greeting = `pod ${namespace}/${name} on ${pod.spec.nodeName}, port ${port}\n`;
  }

  /** The answer to this much of the input; empty while a request is still incomplete. */
  receive(chunk: Buffer): Buffer {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    if (this.#protocol === 'unknown')
      this.#protocol = /^[A-Z]{3,7} [^ ]*/.test(this.#pending.toString('latin1', 0, 64)) ? 'http' : 'echo';
    if (this.#protocol === 'echo') {
      const answer = this.#pending;
      this.#pending = Buffer.alloc(0);
      return answer;
    }
    const answers: Buffer[] = [];
    for (let answer = this.#answerRequest(); answer; answer = this.#answerRequest()) answers.push(answer);
    return Buffer.concat(answers);
  }

  #answerRequest(): Buffer | undefined {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const head = this.#pending.toString('latin1', 0, end);
    const length = end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#pending.length < length) return undefined;
    this.#pending = this.#pending.subarray(length);
    const body = head.startsWith('HEAD ') ? '' : this.#greeting;
    return Buffer.from(
      `HTTP/1.1 200 OK\r\nServer: pilothouse\r\nContent-Type: text/plain\r\nContent-Length: ${this.#greeting.length}\r\n\r\n${body}`,
    );
  }
}

/** A port is open when a container declares it, or when none declares any: declaring is documentation, not a rule. */
export function isOpenPort(pod: Pod, port: number): boolean {
  const declared = pod.spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
  return declared.length === 0 || declared.includes(port);
}
