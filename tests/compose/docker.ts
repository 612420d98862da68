import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '..', '..');

/** Never the user's own cluster: a project, a port, a tag and a kubeconfig of its own. */
export interface ComposeProject {
  readonly name: string;
  readonly environment: NodeJS.ProcessEnv;
}

export function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Compose 1 where it is installed, else 2. */
export function composeCommand(): string[] | undefined {
  if (succeeds('docker-compose', 'version')) return ['docker-compose'];
  return succeeds('docker', 'compose', 'version') ? ['docker', 'compose'] : undefined;
}

export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

export function run(project: ComposeProject, command: string, ...args: string[]): string {
  return execFileSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: project.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 << 20,
  });
}

export function compose(project: ComposeProject, ...args: string[]): string {
  const [command, ...first] = composeCommand()!;
  return run(project, command!, ...first, `--project-name=${project.name}`, ...args);
}

/** The container of a service. */
export function container(project: ComposeProject, service: string): string {
  return compose(project, 'ps', '-q', service).trim().split('\n')[0]!;
}

/** The same while this process goes on with other things. */
export async function runMeanwhile(project: ComposeProject, command: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(command, args, { cwd: ROOT, env: project.environment, maxBuffer: 64 << 20 });
}
