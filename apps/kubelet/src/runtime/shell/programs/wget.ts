import { STATUS_CODES } from 'node:http';
import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { exchange, parseTarget } from './http-exchange.ts';
import { parseOptions } from './option-list.ts';

const WITH_VALUE = [
  'O',
  'T',
  't',
  'U',
  'P',
  'timeout',
  'tries',
  'header',
  'post-data',
  'output-document',
  'user-agent',
];
const DEFAULT_TIMEOUT_SECONDS = 900;

/** BusyBox's wget, as init containers and tests use it. */
export function* wget(args: readonly string[], context: ProcessContext): Process {
  const { values, all, operands } = parseOptions(args, WITH_VALUE);
  const address = operands[0] ?? '';
  const target = parseTarget(address);
  if (!target) return yield* fail(`bad address '${address}'`);
  const isQuiet = values.has('q') || values.has('quiet');
  const headers = all.flatMap(([name, value]) => (name === 'header' ? [headerOf(value)] : []));
  const body = values.get('post-data');
  const request = {
    headers: Object.fromEntries(headers),
    ...(body === undefined ? {} : { method: 'POST', body }),
  };
  const result = exchange(target, request, context);
  if (result.type === 'external' && context.unknownProgram) return yield* context.unknownProgram();
  if (result.type === 'external' || result.type === 'no-name') return yield* fail(`bad address '${target.host}'`);
  if (!isQuiet) yield* write(`Connecting to ${target.host} (${result.address}:${target.port})\n`, 'stderr');
  if (result.type === 'refused')
    return yield* fail(`can't connect to remote host (${result.address}): Connection refused`);
  if (result.type === 'silent') {
    const seconds = Number(values.get('T') ?? values.get('timeout') ?? DEFAULT_TIMEOUT_SECONDS);
    yield { type: 'sleep', ms: seconds * 1000 };
    return yield* fail('download timed out');
  }
  const { response } = result;
  if (values.has('S')) yield* write(`  HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}\n`, 'stderr');
  if (response.status >= 400)
    return yield* fail(`server returned error: HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`);
  if (values.has('spider')) {
    if (!isQuiet) yield* write('remote file exists\n', 'stderr');
    return 0;
  }
  const file = values.get('O') ?? values.get('output-document') ?? nameOf(target.target);
  if (file === '-') {
    yield* write(response.body);
  } else if (file !== '/dev/null' && !context.files.write(resolvePath(context.cwd, file), response.body)) {
    return yield* fail(`can't open '${file}': Read-only file system`);
  }
  if (!isQuiet) yield* write(file === '-' ? 'written to stdout\n' : `'${file}' saved\n`, 'stderr');
  return 0;
}

function* fail(message: string): Process {
  yield* write(`wget: ${message}\n`, 'stderr');
  return 1;
}

function nameOf(target: string): string {
  const path = target.split('?')[0]!;
  return path.slice(path.lastIndexOf('/') + 1) || 'index.html';
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}
