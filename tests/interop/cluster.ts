import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { useCluster } from '../e2e/cluster.ts';

export { useCluster };

const ROOT = join(import.meta.dirname, '..', '..');

/** Where clients are built and installed; kept between runs. */
export function cacheDir(name: string): string {
  const path = join(ROOT, '.cache', 'interop', name);
  mkdirSync(path, { recursive: true });
  return path;
}

export function isInstalled(tool: string): boolean {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Builds or installs a client; what it says is shown only when it fails. */
export function prepare(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): void {
  execFileSync(command, args, { stdio: 'pipe', ...options, env: { ...process.env, ...options.env } });
}

/** Runs a client against the cluster; resolves with what it printed, rejects with what it complained of. */
export function runClient(
  kubeconfig: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, KUBECONFIG: kubeconfig, ...env }, timeout: 110_000 };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}: ${stderr || stdout || error.message}`));
      else resolve(stdout.trim());
    });
  });
}
