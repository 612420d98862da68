export interface TerminalEffect {
  /** What the terminal shows of the typing. */
  readonly echo: string;
  readonly lines: readonly string[];
  readonly ended: boolean;
  readonly interrupted: boolean;
}

const CONTROL = { interrupt: '\x03', end: '\x04', backspace: ['\x7f', '\b'], eraseLine: '\x15' } as const;

/**
 * The line discipline of a terminal, since there is no kernel behind a simulated one: the client sends every key as it
 * is pressed and shows only what comes back.
 */
export class TerminalInput {
  #line = '';

  type(text: string): TerminalEffect {
    let echo = '';
    const lines: string[] = [];
    let [ended, interrupted] = [false, false];
    for (const char of text) {
      if (char === '\r' || char === '\n') {
        echo += '\r\n';
        lines.push(`${this.#line}\n`);
        this.#line = '';
      } else if (char === CONTROL.interrupt) {
        echo += '^C\r\n';
        this.#line = '';
        interrupted = true;
      } else if (char === CONTROL.end) {
        ended ||= this.#line === '';
      } else if ((CONTROL.backspace as readonly string[]).includes(char)) {
        if (this.#line !== '') echo += '\b \b';
        this.#line = this.#line.slice(0, -1);
      } else if (char === CONTROL.eraseLine) {
        echo += '\b \b'.repeat(this.#line.length);
        this.#line = '';
      } else if (char >= ' ' || char === '\t') {
        echo += char;
        this.#line += char;
      }
    }
    return { echo, lines, ended, interrupted };
  }
}
