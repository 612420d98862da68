import { textOf } from '../../runtime/shell/byte-text.ts';
import { TerminalInput } from './terminal-input.ts';
import type { RemoteStreams } from './remote-streams.ts';

export interface LineInputHandlers {
  onLine(line: string): void;
  onEnd(): void;
  /** Control-C on a terminal. */
  onInterrupt(): void;
}

const NEWLINE = 0x0a;

/** Makes lines of what comes in, through a terminal or plainly. */
export function followInput(streams: RemoteStreams, tty: boolean, handlers: LineInputHandlers): void {
  const terminal = new TerminalInput();
  let pending: Buffer[] = [];
  /** Lines are cut as bytes: a character may arrive in two parts, but never with a newline between them. */
  const cut = (chunk: Buffer): void => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = textOf(Buffer.concat([...pending, chunk.subarray(start, end + 1)]));
      pending = [];
      start = end + 1;
      handlers.onLine(line);
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  };
  streams.onInput = (chunk) => {
    if (tty) {
      const { echo, lines, ended, interrupted } = terminal.type(chunk.toString());
      streams.write('stdout', echo);
      lines.forEach((line) => handlers.onLine(line));
      if (interrupted) handlers.onInterrupt();
      if (ended) handlers.onEnd();
      return;
    }
    cut(chunk);
  };
  streams.onInputEnd = () => {
    if (pending.length > 0) handlers.onLine(textOf(Buffer.concat(pending)));
    pending = [];
    handlers.onEnd();
  };
}

/** What a program writes as a terminal shows it. */
export function forTerminal(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}
