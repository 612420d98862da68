import type { Clock } from '@pilothouse/component';
import type { SimulatedContainer } from '../../runtime/simulated-container.ts';
import { runProgram } from '../../runtime/shell/run-shell.ts';
import type { ProcessStep } from '../../runtime/shell/process.ts';
import { followInput, forTerminal } from './line-input.ts';
import type { RemoteStreams } from './remote-streams.ts';

export interface ExecRequest {
  readonly container: SimulatedContainer;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Runs a command in a simulated container for as long as somebody listens and the container lives. */
export function runExec({ container, command, stdin, tty }: ExecRequest, streams: RemoteStreams, clock: Clock): void {
  const process = runProgram(command, container.processContext(tty ? { TERM: 'xterm' } : {}));
  const input: string[] = [];
  let inputEnded = !stdin;
  /** It waits for a line; it has one, and goes on with it in a moment. */
  let reading = false;
  let resuming = false;
  let over = false;
  /** Nobody listens any more. */
  let abandoned = false;
  let cancelSleep: (() => void) | undefined;

  const end = (exitCode: number): void => {
    if (over) return;
    over = true;
    cancelSleep?.();
    unfollow();
    streams.finish({ exitCode });
  };
  // Killed with its container.
  const unfollow = container.log.follow(() => {
    if (container.log.closed) end(137);
  });
  const advance = (answer?: string): void => {
    let step: IteratorResult<ProcessStep, number>;
    try {
      step = process.next(answer);
    } catch (error) {
      over = true;
      streams.finish({ error: String(error) });
      return;
    }
    for (; !over; step = process.next()) {
      if (step.done) return end(step.value);
      const { value } = step;
      if (value.type === 'write')
        streams.write(tty ? 'stdout' : value.stream, tty ? forTerminal(value.text) : value.text);
      else if (value.type !== 'read' && abandoned) return leave();
      else if (value.type === 'sleep') return sleep(value.ms);
      else if (value.type === 'serve') return;
      else return read();
    }
  };
  const sleep = (ms: number): void => {
    cancelSleep = clock.after(ms, () => {
      cancelSleep = undefined;
      advance();
    });
  };
  const leave = (): void => {
    over = true;
    cancelSleep?.();
    unfollow();
  };
  const read = (): void => {
    reading = input.length === 0 && !inputEnded;
    // On a later turn: a shell fed a long script must not recurse once for each line.
    if (reading) return;
    resuming = true;
    queueMicrotask(() => {
      resuming = false;
      if (!over) advance(input.shift());
    });
  };
  const wake = (): void => {
    if (reading) read();
  };
  followInput(streams, tty, {
    onLine: (line) => {
      input.push(line);
      wake();
    },
    onEnd: () => {
      inputEnded = true;
      wake();
    },
    onInterrupt: () => {
      // An interactive shell survives it and prompts again; anything else dies of it.
      if (!reading) end(130);
      else if (/(^|\/)(ba|a)?sh$/.test(command[0] ?? '')) {
        input.push('\n');
        wake();
      } else end(130);
    },
  });
  // Whoever typed is gone, but not what was typed: the process reads it to its end, and goes on as far as it can at once.
  streams.onClose = () => {
    if (over) return;
    abandoned = true;
    if (!reading && !resuming) return leave();
    streams.onInputEnd();
  };
  advance();
}
