import { posix } from 'node:path';
import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { parseOptions } from './option-list.ts';

/** `cp file … place`, with `-r` directories too. */
export function cp(args: readonly string[], context: ProcessContext): Process {
  return transfer('cp', args, context);
}

export function mv(args: readonly string[], context: ProcessContext): Process {
  return transfer('mv', args, context);
}

function* transfer(program: 'cp' | 'mv', args: readonly string[], { files, cwd }: ProcessContext): Process {
  const { values, operands } = parseOptions(args, []);
  const recursive = program === 'mv' || ['r', 'R', 'a'].some((flag) => values.has(flag));
  const target = operands.at(-1) ?? '';
  const place = resolvePath(cwd, target);
  const intoDirectory = files.info(place)?.isDirectory ?? false;
  let code = 0;
  for (const name of operands.slice(0, -1)) {
    const from = resolvePath(cwd, name);
    const to = intoDirectory ? posix.join(place, posix.basename(from)) : place;
    const info = files.info(from);
    const moved = [from, ...(info?.isDirectory ? files.paths().filter((path) => path.startsWith(`${from}/`)) : [])];
    const problem = !info
      ? `can't stat '${name}': No such file or directory`
      : info.isDirectory && !recursive
        ? `omitting directory '${name}'`
        : moved.every((path) => carry(path, to + path.slice(from.length)))
          ? undefined
          : `can't create '${target}': Read-only file system`;
    if (problem === undefined && program === 'mv') for (const path of moved) files.remove(path);
    if (problem === undefined) continue;
    yield* write(`${program}: ${problem}\n`, 'stderr');
    code = 1;
  }
  return code;

  function carry(from: string, to: string): boolean {
    const info = files.info(from)!;
    return info.isDirectory ? files.makeDirectory(to) : files.write(to, files.read(from) ?? '', info.mode);
  }
}

export function* basename(args: readonly string[]): Process {
  yield* write(`${posix.basename(args[0] ?? '', args[1])}\n`);
  return 0;
}

export function* dirname(args: readonly string[]): Process {
  yield* write(`${posix.dirname(args[0] ?? '')}\n`);
  return 0;
}
