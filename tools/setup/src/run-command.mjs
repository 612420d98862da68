import { spawn } from 'node:child_process';

/**
 * Runs a command in the foreground in place of this process: same terminal, signals passed on, its exit code ours.
 * Ctrl-C reaches both through the terminal, so it is only waited out here.
 */
export function runInForeground(command, args, environment = process.env) {
  const child = spawn(command, args, { stdio: 'inherit', env: environment });
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
