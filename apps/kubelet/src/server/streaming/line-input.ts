import { TerminalInput } from './terminal-input.ts';
import type { RemoteStreams } from './remote-streams.ts';

export interface LineInputHandlers {
  onLine(line: string): void;
  onEnd(): void;
  /** Control-C on a terminal. */
  onInterrupt(): void;
}

/** Makes lines of what comes in, through a terminal or plainly. */
export function followInput(streams: RemoteStreams, tty: boolean, handlers: LineInputHandlers): void {
  const terminal = new TerminalInput();
  let pending = '';
  streams.onInput = (chunk) => {
    if (tty) {
      const { echo, lines, ended, interrupted } = terminal.type(chunk.toString());
      streams.write('stdout', echo);
      lines.forEach((line) => handlers.onLine(line));
      if (interrupted) handlers.onInterrupt();
      if (ended) handlers.onEnd();
      return;
    }
    const parts = (pending + chunk.toString()).split('\n');
    pending = parts.pop()!;
    parts.forEach((part) => handlers.onLine(`${part}\n`));
  };
  streams.onInputEnd = () => {
    if (pending !== '') handlers.onLine(pending);
    pending = '';
    handlers.onEnd();
  };
}

/** What a program writes as a terminal shows it. */
export function forTerminal(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}
