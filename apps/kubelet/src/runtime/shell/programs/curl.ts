import { STATUS_CODES } from 'node:http';
import type { HttpResponse } from '../../simulated-http.ts';
import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { exchange, parseTarget } from './http-exchange.ts';
import type { HttpExchange, HttpTarget } from './http-exchange.ts';
import { parseOptions } from './option-list.ts';
import type { Options } from './option-list.ts';

const WITH_VALUE = [
  ...['A', 'b', 'd', 'e', 'H', 'm', 'o', 'u', 'w', 'X', 'cacert', 'cert', 'connect-timeout', 'data', 'data-binary'],
  ...['data-raw', 'header', 'key', 'max-time', 'output', 'request', 'retry', 'retry-delay', 'retry-max-time'],
  ...['user', 'user-agent', 'write-out'],
];
const DEFAULT_TIMEOUT_SECONDS = 130;
const MAX_REDIRECTS = 50;

/** The part of curl that manifests and tests use; its exit codes are curl's. */
export function* curl(args: readonly string[], context: ProcessContext): Process {
  const options = parseOptions(args, WITH_VALUE);
  const has = (...names: string[]): boolean => names.some((name) => options.values.has(name));
  const value = (...names: string[]): string | undefined =>
    names.map((name) => options.values.get(name)).find((each) => each !== undefined);
  const isSilent = has('s', 'silent') && !has('S', 'show-error');
  function* fail(code: number, message: string): Process {
    if (!isSilent) yield* write(`curl: (${code}) ${message}\n`, 'stderr');
    return code;
  }

  let target = parseTarget(options.operands[0] ?? '');
  if (!target) return yield* fail(3, 'URL rejected: Malformed input to a URL function');
  let result = ask(target, options, context);
  for (let hops = 0; has('L', 'location') && hops < MAX_REDIRECTS; hops++) {
    const next: HttpTarget | undefined = redirectOf(result, target);
    if (!next) break;
    target = next;
    result = ask(target, options, context);
  }
  const { host, port } = target;
  if (result.type === 'external' && context.unknownProgram) return yield* context.unknownProgram();
  if (result.type === 'external' || result.type === 'no-name') return yield* fail(6, `Could not resolve host: ${host}`);
  if (result.type === 'refused')
    return yield* fail(7, `Failed to connect to ${host} port ${port} after 0 ms: Could not connect to server`);
  if (result.type === 'silent') {
    const ms = Number(value('connect-timeout', 'm', 'max-time') ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
    yield { type: 'sleep', ms };
    return yield* fail(28, `Connection timed out after ${ms} milliseconds`);
  }
  const { response } = result;
  if (response.status >= 400 && has('f', 'fail'))
    return yield* fail(22, `The requested URL returned error: ${response.status}`);
  const text = (has('i', 'include', 'I', 'head') ? headOf(response) : '') + (has('I', 'head') ? '' : response.body);
  const file = has('O', 'remote-name') ? target.target.split('?')[0]!.split('/').at(-1) : value('o', 'output');
  if (file === undefined || file === '-') yield* write(text);
  else if (file !== '/dev/null' && !context.files.write(resolvePath(context.cwd, file), text))
    return yield* fail(23, 'client returned ERROR on write, 0 bytes wrote');
  yield* write(writeOut(value('w', 'write-out') ?? '', response, result.address));
  return 0;
}

function ask(target: HttpTarget, { all, values }: Options, context: ProcessContext): HttpExchange {
  const of = (...names: string[]): string[] => all.flatMap(([name, value]) => (names.includes(name) ? [value] : []));
  const data = of('d', 'data', 'data-raw', 'data-binary');
  const headers = of('H', 'header').map((header) => {
    const colon = header.indexOf(':');
    return [header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).trim()] as const;
  });
  const implied = values.has('I') || values.has('head') ? 'HEAD' : data.length > 0 ? 'POST' : 'GET';
  const method = of('X', 'request').at(-1) ?? implied;
  return exchange(target, { method, body: data.join('&'), headers: Object.fromEntries(headers) }, context);
}

function redirectOf(result: HttpExchange, from: HttpTarget): HttpTarget | undefined {
  if (result.type !== 'answered' || result.response.status < 300 || result.response.status >= 400) return undefined;
  const { location } = result.response.headers ?? {};
  const base = `http://${from.host}:${from.port}${from.target}`;
  return location !== undefined && URL.canParse(location, base) ? parseTarget(new URL(location, base).href) : undefined;
}

function headOf({ status, headers = {}, body }: HttpResponse): string {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) });
  const first = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`;
  return `${[first, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`;
}

function writeOut(format: string, { status, body }: HttpResponse, address: string): string {
  const known: Record<string, string> = {
    http_code: String(status),
    response_code: String(status),
    size_download: String(Buffer.byteLength(body)),
    remote_ip: address,
    time_total: '0.001',
  };
  return format.replaceAll(/%\{(\w+)\}/g, (_, name: string) => known[name] ?? '').replaceAll('\\n', '\n');
}
