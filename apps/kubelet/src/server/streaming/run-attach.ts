import type { SimulatedContainer } from '../../runtime/simulated-container.ts';
import { followInput, forTerminal } from './line-input.ts';
import type { RemoteStreams } from './remote-streams.ts';

export interface AttachRequest {
  readonly container: SimulatedContainer;
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Shows what the container's main process writes from now on, and gives it what is typed, until it ends. */
export function runAttach({ container, stdin, tty }: AttachRequest, streams: RemoteStreams): void {
  const { log } = container;
  let next = log.endIndex;
  // A prompt is a line without an end: whoever attaches sees the one that waits for an answer.
  const last = log.line(next - 1);
  if (last && !last.complete) next--;
  const pump = (): void => {
    for (next = Math.max(next, log.firstIndex); next < log.endIndex; next++) {
      const { text, stream, complete } = log.line(next)!;
      const shown = `${text}${complete ? '\n' : ''}`;
      streams.write(tty ? 'stdout' : stream, tty ? forTerminal(shown) : shown);
    }
    if (!log.closed) return;
    unfollow();
    streams.finish({ exitCode: 0 });
  };
  const unfollow = log.follow(pump);
  if (stdin) {
    followInput(streams, tty, {
      onLine: (line) => container.feed(line),
      onEnd: () => container.feed(undefined),
      onInterrupt: () => container.interrupt(),
    });
  }
  streams.onClose = unfollow;
  pump();
}
