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
    const received = readBody(this.#pending.subarray(end + 4), head);
    if (received === undefined) return undefined;
    this.#pending = received.rest;
    const response = this.#handler?.(parseRequest(head, received.body.toString())) ?? textResponse(this.#greeting);
    return formatResponse(response, head.startsWith('HEAD '));
  }
}

/** The body that follows a head, and what follows the body; undefined until all of it is there. */
function readBody(input: Buffer, head: string): { body: Buffer; rest: Buffer } | undefined {
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return readChunks(input);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  return input.length < length ? undefined : { body: input.subarray(0, length), rest: input.subarray(length) };
}

/** RFC 9112, 7.1: each chunk after its size in hexadecimal, the last without anything, trailers to an empty line. */
function readChunks(input: Buffer): { body: Buffer; rest: Buffer } | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = input.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(input.toString('latin1', at, lineEnd), 16) || 0;
    if (size === 0) {
      // Without trailers the empty line follows the last size at once.
      const end = input.indexOf('\r\n\r\n', lineEnd);
      return end < 0 ? undefined : { body: Buffer.concat(chunks), rest: input.subarray(end + 4) };
    }
    const start = lineEnd + 2;
    if (input.length < start + size + 2) return undefined;
    chunks.push(input.subarray(start, start + size));
    at = start + size + 2;
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
