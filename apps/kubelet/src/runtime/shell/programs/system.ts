import { parseDurationMs } from '../../../stages/duration.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { userName } from './file-mode.ts';
import { parseOptions } from './option-list.ts';

export function* sleep(args: readonly string[]): Process {
  if (args[0] === 'infinity') {
    yield { type: 'serve' };
    return 0;
  }
  const durations = args.map(parseDurationMs);
  if (durations.length === 0 || durations.includes(undefined)) {
    yield* write(`sleep: invalid number '${args[0] ?? ''}'\n`, 'stderr');
    return 1;
  }
  yield { type: 'sleep', ms: durations.reduce<number>((sum, ms) => sum + ms!, 0) };
  return 0;
}

export function* succeed(): Process {
  return 0;
}

export function* fail(): Process {
  return 1;
}

export function* hostname(args: readonly string[], context: ProcessContext): Process {
  yield* write(`${args[0] === '-i' ? context.podIP : context.hostname}\n`);
  return 0;
}

export function* env(_: readonly string[], context: ProcessContext): Process {
  yield* write(
    Object.entries(context.env)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return 0;
}

export function* printenv(args: readonly string[], context: ProcessContext): Process {
  if (args.length === 0) return yield* env(args, context);
  const values = args.map((name) => context.env[name]);
  yield* write(
    values
      .filter((value) => value !== undefined)
      .map((value) => `${value}\n`)
      .join(''),
  );
  return values.includes(undefined) ? 1 : 0;
}

/** `date`, `date -u`, `date +%s`, `date +%F`, … */
export function* date(args: readonly string[], context: ProcessContext): Process {
  const now = context.now();
  const iso = now.toISOString();
  const [weekday, day, month, year] = now.toUTCString().replace(',', '').split(' ');
  const time = iso.slice(11, 19);
  const fields: Record<string, string> = {
    s: String(Math.floor(now.getTime() / 1000)),
    N: `${String(now.getMilliseconds()).padStart(3, '0')}000000`,
    F: iso.slice(0, 10),
    T: time,
    Y: year!,
    m: iso.slice(5, 7),
    d: day!,
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    Z: 'UTC',
    z: '+0000',
    '%': '%',
  };
  const format = args.find((arg) => arg.startsWith('+'));
  const text = format
    ? format.slice(1).replaceAll(/%([a-zA-Z%])/g, (whole, key: string) => fields[key] ?? whole)
    : `${weekday} ${month} ${day!.replace(/^0/, ' ')} ${time} UTC ${year}`;
  yield* write(`${text}\n`);
  return 0;
}

export function* uname(args: readonly string[], context: ProcessContext): Process {
  const all = `Linux ${context.hostname} 6.12.0-pilothouse #1 SMP x86_64 GNU/Linux`;
  const flag = args[0] ?? '-s';
  yield* write(
    `${flag === '-a' ? all : flag === '-r' ? '6.12.0-pilothouse' : flag === '-m' ? 'x86_64' : flag === '-n' ? context.hostname : 'Linux'}\n`,
  );
  return 0;
}

export function* whoami(_: readonly string[], { user }: ProcessContext): Process {
  const name = userName(user.uid);
  const isKnown = name !== String(user.uid);
  yield* isKnown ? write(`${name}\n`) : write(`whoami: unknown uid ${name}\n`, 'stderr');
  return isKnown ? 0 : 1;
}

/** `id`, `id -u`, `id -g`, `id -G`, each also with `-n`. */
export function* id(args: readonly string[], { user }: ProcessContext): Process {
  const { values } = parseOptions(args, []);
  const groups = [...new Set([user.gid, ...user.groups])];
  const asked = values.has('u') ? [user.uid] : values.has('g') ? [user.gid] : values.has('G') ? groups : undefined;
  const named = (number: number): string =>
    userName(number) === String(number) ? String(number) : `${number}(${userName(number)})`;
  yield* write(
    asked
      ? `${asked.map((number) => (values.has('n') ? userName(number) : number)).join(' ')}\n`
      : `uid=${named(user.uid)} gid=${named(user.gid)} groups=${groups.map(named).join(',')}\n`,
  );
  return 0;
}

/** The program of the image `nonewprivs`, in which a set-user-ID bit would show. */
export function* nnp(_: readonly string[], { user }: ProcessContext): Process {
  yield* write(`Effective uid: ${user.uid}\n`);
  return 0;
}

/** `sysctl kernel.shm_rmid_forced`, `sysctl -n …`: the parameters that the pod sets. */
export function* sysctl(args: readonly string[], { files }: ProcessContext): Process {
  const { values, operands } = parseOptions(args, []);
  let code = 0;
  for (const name of operands) {
    const value = files.read(`/proc/sys/${name.replaceAll('.', '/')}`);
    if (value !== undefined) yield* write(values.has('n') ? value : `${name} = ${value}`);
    else {
      yield* write(`sysctl: error: '${name}' is an unknown key\n`, 'stderr');
      code = 1;
    }
  }
  return code;
}

/** What changes the network is for the privileged, and nobody is here; what only looks is not simulated. */
export function* ip(args: readonly string[], context: ProcessContext): Process {
  if (!args.some((arg) => ['add', 'del', 'set', 'change', 'replace'].includes(arg)) && context.unknownProgram)
    return yield* context.unknownProgram();
  yield* write('ip: RTNETLINK answers: Operation not permitted\n', 'stderr');
  return 2;
}

export function* ps(): Process {
  yield* write('PID   USER     TIME  COMMAND\n    1 root      0:00 simulated\n');
  return 0;
}

export function* seq(args: readonly string[]): Process {
  const numbers = args.map(Number);
  const [first, step, last] =
    numbers.length === 1
      ? [1, 1, numbers[0]!]
      : numbers.length === 2
        ? [numbers[0]!, 1, numbers[1]!]
        : [numbers[0]!, numbers[1]!, numbers[2]!];
  if (numbers.length === 0 || numbers.some(Number.isNaN)) {
    yield* write(`seq: invalid number '${args.find((arg) => Number.isNaN(Number(arg))) ?? ''}'\n`, 'stderr');
    return 1;
  }
  // In pieces: whoever reads may stop, and a million lines are no single string.
  const isLeft = (value: number): boolean => (step > 0 ? value <= last : step < 0 && value >= last);
  for (let value = first; isLeft(value);) {
    let text = '';
    for (let lines = 0; lines < 10_000 && isLeft(value); lines++, value += step) text += `${value}\n`;
    yield* write(text);
  }
  return 0;
}

export function* nproc(): Process {
  yield* write('1\n');
  return 0;
}

export function* which(args: readonly string[]): Process {
  yield* write(args.map((name) => `/usr/bin/${name}\n`).join(''));
  return 0;
}
