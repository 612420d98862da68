import { execFile, spawnSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '..', '..');

const execute = promisify(execFile);
const running = new Set<ChildProcess>();

/** Ends what is under way, such as a build that would make an image after everything was removed. */
export function stopCommands(): void {
  for (const child of running) child.kill('SIGTERM');
}

export function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** What the variable COMPOSE names; else Compose 1 where it is installed, else 2. */
export function composeCommand(): string[] | undefined {
  const candidates = [process.env['COMPOSE'] ?? '', 'docker-compose', 'docker compose'].filter(Boolean);
  return candidates.map((each) => each.split(' ')).find(([command, ...args]) => succeeds(command!, ...args, 'version'));
}

export function docker(...args: string[]): Promise<string> {
  return run({}, 'docker', ...args);
}

/** Never blocks: clients that are watched meanwhile go on. Rejects with what the command complained of. */
export async function run(environment: NodeJS.ProcessEnv, command: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, ...environment };
  const executing = execute(command, args, { cwd: ROOT, env, encoding: 'utf8', maxBuffer: 64 << 20 });
  running.add(executing.child);
  try {
    return (await executing).stdout.trim();
  } finally {
    running.delete(executing.child);
  }
}
