import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import type { FileAttributes } from '../../file-tree.ts';
import { modeText, parseMode, userName } from './file-mode.ts';
import { parseOptions } from './option-list.ts';

/** `chmod 640 file …`, `chmod g+w file …`; `-R` takes what is in a directory with it. */
export function* chmod(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, []);
  const [wanted = '', ...names] = operands;
  return yield* change('chmod', names, values.has('R'), context, (before) => {
    const mode = parseMode(wanted, before.mode);
    return mode === undefined ? undefined : { mode };
  });
}

/** `chown 1000:2000 file …`, with numbers or the names of root and nobody. */
export function* chown(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, []);
  const [wanted = '', ...names] = operands;
  const [uid, gid] = wanted.split(':').map(userNumber);
  return yield* change('chown', names, values.has('R'), context, () =>
    Number.isNaN(uid) || Number.isNaN(gid)
      ? undefined
      : { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) },
  );
}

function userNumber(name: string): number | undefined {
  if (name === '') return undefined;
  return name === 'root' ? 0 : name === 'nobody' ? 65534 : Number(name);
}

function* change(
  program: string,
  names: readonly string[],
  recursive: boolean,
  context: ProcessContext,
  plan: (before: FileAttributes) => Partial<FileAttributes> | undefined,
): Process {
  const { files, cwd } = context;
  let code = 0;
  for (const name of names) {
    const path = resolvePath(cwd, name);
    const inside = recursive ? files.paths().filter((each) => each.startsWith(`${path}/`)) : [];
    for (const each of [path, ...inside]) {
      const before = files.info(each);
      const attributes = before && plan(before);
      if (attributes && files.change(each, attributes)) continue;
      const why = !before ? 'No such file or directory' : attributes ? 'Read-only file system' : 'Invalid argument';
      yield* write(`${program}: ${name}: ${why}\n`, 'stderr');
      code = 1;
    }
  }
  return code;
}

/** `stat -c FORMAT` with name, size, mode, owner and kind; without a format the name, size and kind. */
export function* stat(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['c', 'format']);
  let code = 0;
  for (const name of operands) {
    const info = context.files.info(resolvePath(context.cwd, name));
    if (!info) {
      yield* write(`stat: can't stat '${name}': No such file or directory\n`, 'stderr');
      code = 1;
      continue;
    }
    const fields: Record<string, string> = {
      n: name,
      s: String(info.sizeBytes),
      a: info.mode.toString(8),
      A: modeText(info),
      F: info.isDirectory ? 'directory' : 'regular file',
      T: info.fsType,
      u: String(info.uid),
      g: String(info.gid),
      U: userName(info.uid),
      G: userName(info.gid),
    };
    const format =
      values.get('c') ??
      values.get('format') ??
      (values.has('f') ? '  File: %n\n    Type: %T' : '  File: %n\n  Size: %s\t%F');
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
