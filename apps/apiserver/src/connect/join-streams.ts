import type { Duplex } from 'node:stream';

/**
 * Passes on what either side says until one of them is gone. What was said before that still arrives: a command's last
 * output and its exit code are often in flight when the kubelet closes, and a slow reader must get them all the same.
 * Resolves when nothing of either side is left.
 */
export async function joinStreams(a: Duplex, b: Duplex, signal: AbortSignal): Promise<void> {
  const destroy = () => {
    a.destroy();
    b.destroy();
  };
  signal.addEventListener('abort', destroy, { once: true });
  await Promise.all([passOn(a, b), passOn(b, a)]);
  signal.removeEventListener('abort', destroy);
}

/** Resolves when `to` is closed, which it is as soon as `from` is gone and all it said has been written. */
function passOn(from: Duplex, to: Duplex): Promise<void> {
  from.on('error', () => from.destroy());
  from.pipe(to);
  from.once('close', () => {
    // Cut off, it says nothing more, and `pipe` has not ended the other.
    if (!from.readableEnded) return void to.destroy();
    to.once('finish', () => to.destroy());
    if (to.writableFinished) to.destroy();
  });
  return new Promise((resolve) => {
    if (to.closed) resolve();
    else to.once('close', () => resolve());
  });
}
