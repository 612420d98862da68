import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { parseOptions } from './option-list.ts';

/** Modes are not kept; what exists may be given any. */
export function* chmod(args: readonly string[], context: ProcessContext): Process {
  let code = 0;
  for (const name of args.filter((arg) => !/^-[a-zA-Z]+$/.test(arg)).slice(1)) {
    const path = resolvePath(context.cwd, name);
    if (context.files.read(path) !== undefined || context.files.listDirectory(path)) continue;
    yield* write(`chmod: ${name}: No such file or directory\n`, 'stderr');
    code = 1;
  }
  return code;
}

/** `stat -c FORMAT` with name, size, mode and kind; without a format the name, size and kind. */
export function* stat(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['c', 'format']);
  let code = 0;
  for (const name of operands) {
    const path = resolvePath(context.cwd, name);
    const content = context.files.read(path);
    const isDirectory = content === undefined;
    if (isDirectory && !context.files.listDirectory(path)) {
      yield* write(`stat: can't stat '${name}': No such file or directory\n`, 'stderr');
      code = 1;
      continue;
    }
    const size = isDirectory ? 4096 : Buffer.byteLength(content);
    const kind = isDirectory ? 'directory' : 'regular file';
    const mode = isDirectory ? '755' : '644';
    const fields: Record<string, string> = {
      n: name,
      s: String(size),
      a: mode,
      F: kind,
      u: '0',
      g: '0',
      U: 'root',
      G: 'root',
    };
    const format = values.get('c') ?? values.get('format') ?? '  File: %n\n  Size: %s\t%F';
    yield* write(`${format.replaceAll(/%([a-zA-Z])/g, (whole, key: string) => fields[key] ?? whole)}\n`);
  }
  return code;
}

/** Beyond this a simulated file would only cost memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/** `dd if=/dev/zero of=file bs=1M count=4`. */
export function* dd(args: readonly string[], context: ProcessContext): Process {
  const given = new Map(args.map((arg): [string, string] => [arg.split('=')[0]!, arg.slice(arg.indexOf('=') + 1)]));
  const blockSize = bytesOf(given.get('bs') ?? '512');
  const count = given.has('count') ? Number(given.get('count')) : undefined;
  const input = given.get('if');
  let data: string;
  if (input === '/dev/zero' || input === '/dev/urandom' || input === '/dev/random') {
    const size = blockSize * (count ?? Infinity);
    if (!(size <= MAX_BYTES)) {
      yield* write(`dd: error writing '${given.get('of') ?? 'standard output'}': No space left on device\n`, 'stderr');
      return 1;
    }
    data = '\0'.repeat(size);
  } else if (input !== undefined) {
    const content = context.files.read(resolvePath(context.cwd, input));
    if (content === undefined) {
      yield* write(`dd: can't open '${input}': No such file or directory\n`, 'stderr');
      return 1;
    }
    data = content;
  } else {
    data = '';
    for (let line = yield { type: 'read' }; line !== undefined; line = yield { type: 'read' }) data += line;
  }
  if (count !== undefined) data = data.slice(0, blockSize * count);
  const output = given.get('of');
  if (output === undefined) yield* write(data);
  else if (output !== '/dev/null' && !context.files.write(resolvePath(context.cwd, output), data)) {
    yield* write(`dd: can't open '${output}': Read-only file system\n`, 'stderr');
    return 1;
  }
  const records = `${Math.floor(data.length / blockSize)}+${data.length % blockSize === 0 ? 0 : 1}`;
  yield* write(`${records} records in\n${records} records out\n`, 'stderr');
  return 0;
}

function bytesOf(text: string): number {
  const units: Record<string, number> = { k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
  const [, amount = '0', unit = ''] = /^(\d+)([kKMG])?/.exec(text) ?? [];
  return Math.max(1, Number(amount) * (units[unit] ?? 1));
}
