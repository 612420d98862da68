import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ComponentSpec } from './components.ts';
import { COMPILE_CACHE } from '../repository.ts';

/**
 * A child in a process group of its own, so that Ctrl-C reaches only the supervisor and the order of stopping is its.
 * Should the supervisor be killed, our components see their standard input close; etcd, which does not look at it, is
 * given a parent-death signal where the system has them.
 */
export function spawnComponent(spec: ComponentSpec, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const [command, args] = withDeathSignal(spec);
    return spawn(command, args, {
      detached: true,
      stdio: ['pipe', log, log],
      env: {
        // One arena for all threads: glibc's default keeps some megabytes more in each idle process.
        MALLOC_ARENA_MAX: '1',
        ...withoutEtcdVariables(process.env),
        PILOTHOUSE_SUPERVISED: 'stdin',
        NODE_COMPILE_CACHE: COMPILE_CACHE,
      },
    });
  } finally {
    closeSync(log);
  }
}

/** etcd reads every ETCD_… variable as a flag, and whoever has some means another etcd. */
function withoutEtcdVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('ETCD_') || name === 'ETCD_UNSUPPORTED_ARCH'),
  );
}

function withDeathSignal({ layer, command, args }: ComponentSpec): [string, readonly string[]] {
  if (layer > 0 || !SETPRIV) return [command, args];
  return [SETPRIV, ['--pdeathsig', 'TERM', '--', command, ...args]];
}

/** util-linux's, on every Linux distribution; nowhere else. */
const SETPRIV =
  process.platform === 'linux'
    ? (process.env['PATH'] ?? '')
        .split(delimiter)
        .map((directory) => join(directory, 'setpriv'))
        .find((file) => existsSync(file))
    : undefined;
