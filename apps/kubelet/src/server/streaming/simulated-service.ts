import { STATUS_CODES } from 'node:http';
import type { Pod } from '@pilothouse/api';
import { greeting } from '../../runtime/open-ports.ts';
import { textResponse } from '../../runtime/simulated-http.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../../runtime/simulated-http.ts';

/** What answers on a port of a pod: HTTP with a word about who answers, and anything else is sent back as it came. */
export class SimulatedService {
  readonly #greeting: string;
  readonly #handler: HttpHandler | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #protocol: 'unknown' | 'http' | 'echo' = 'unknown';

  /** `handler` is the simulated program that listens at the port, if there is one. */
  constructor(pod: Pod, port: number, handler?: HttpHandler) {
    this.#handler = handler;
    this.#greeting = greeting(pod, port);
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
    const requestBody = this.#pending.toString('utf8', end + 4, length);
    this.#pending = this.#pending.subarray(length);
    const response = this.#handler?.(parseRequest(head, requestBody)) ?? textResponse(this.#greeting);
    return formatResponse(response, head.startsWith('HEAD '));
  }
}

function parseRequest(head: string, body: string): HttpRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const [method = 'GET', target = '/'] = first.split(' ');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { method, target, headers: Object.fromEntries(headers) as Record<string, string>, body };
}

function formatResponse({ status, headers = {}, body }: HttpResponse, isHead: boolean): Buffer {
  const lines = Object.entries({ server: 'pilothouse', ...headers, 'content-length': Buffer.byteLength(body) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}\r\n${isHead ? '' : body}`);
}
