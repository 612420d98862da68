/**
 * A supervisor that is killed cannot stop its children, but the pipe it holds to their standard input closes with it.
 * `PILOTHOUSE_SUPERVISED=stdin` says that standard input is such a pipe.
 */
export function onSupervisorGone(callback: () => void): void {
  if (process.env['PILOTHOUSE_SUPERVISED'] !== 'stdin') return;
  process.stdin.on('end', callback).on('close', callback).on('error', callback);
  process.stdin.resume();
  // Waiting for the supervisor must not be what keeps the process alive.
  (process.stdin as { unref?: () => void }).unref?.();
}
