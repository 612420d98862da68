import { ShellSyntaxError } from './syntax.ts';
import type { Word, WordPart } from './syntax.ts';
import { parseShell } from './parse-shell.ts';

export type Token =
  /** The text after `<<`, whose lines follow the command's. */
  | { readonly type: 'here-document'; readonly word: Word }
  | {
      readonly type: 'word';
      readonly word: Word;
      /** The text, if it is one bare unquoted literal: may be a keyword. */ readonly bare?: string;
    }
  | {
      readonly type: 'operator';
      readonly text: string;
      /** Nothing stands between it and the word before, as in `2>&1`. */ readonly glued: boolean;
    };

const OPERATORS = ['&&', '||', ';;', '>>', '>&', '<<', ';', '&', '|', '(', ')', '<', '>', '\n'];
const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

export function tokenize(source: string): Token[] {
  return new Tokenizer(source).tokens();
}

class Tokenizer {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source.replaceAll('\\\n', '');
  }

  tokens(): Token[] {
    const tokens: Token[] = [];
    const awaited: { index: number; end: string; isRaw: boolean; dropTabs: boolean }[] = [];
    while (this.#at < this.#source.length) {
      const rest = this.#source.slice(this.#at, this.#at + 2);
      if (rest[0] === ' ' || rest[0] === '\t' || rest[0] === '\r') {
        this.#at++;
      } else if (rest[0] === '#') {
        const end = this.#source.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#source.length : end;
      } else {
        const here = /^<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|([\w.-]+))/.exec(
          this.#source.slice(this.#at, this.#at + 80),
        );
        if (here) {
          this.#at += here[0].length;
          const [, dash, single, double, bare] = here;
          awaited.push({
            index: tokens.length,
            end: single ?? double ?? bare!,
            isRaw: bare === undefined,
            dropTabs: dash === '-',
          });
          tokens.push({ type: 'here-document', word: [] });
          continue;
        }
        const operator = OPERATORS.find((text) => rest.startsWith(text));
        if (operator !== undefined) {
          const glued = this.#at > 0 && !/\s/.test(this.#source[this.#at - 1]!);
          this.#at += operator.length;
          tokens.push({ type: 'operator', text: operator, glued });
          if (operator === '\n')
            for (const { index, ...document } of awaited.splice(0))
              tokens[index] = { type: 'here-document', word: this.#hereDocument(document) };
        } else {
          tokens.push(this.#word());
        }
      }
    }
    return tokens;
  }

  /** The lines up to the one that is the end word; expanded unless that was quoted. */
  #hereDocument({ end, isRaw, dropTabs }: { end: string; isRaw: boolean; dropTabs: boolean }): Word {
    let text = '';
    for (;;) {
      if (this.#at >= this.#source.length) throw new ShellSyntaxError('here-document without its end');
      const newline = this.#source.indexOf('\n', this.#at);
      const stop = newline < 0 ? this.#source.length : newline;
      const line = this.#source.slice(this.#at, stop);
      this.#at = stop + 1;
      const shown = dropTabs ? line.replace(/^\t+/, '') : line;
      if (shown === end) break;
      text += `${shown}\n`;
    }
    return isRaw ? [{ text, quoted: true }] : new Tokenizer(text).#unquotedText();
  }

  /** All of the source as in double quotes, where a double quote is a character like any other. */
  #unquotedText(): Word {
    const parts: WordPart[] = [];
    let literal = '';
    while (this.#at < this.#source.length) {
      const char = this.#source[this.#at]!;
      if (char === '\\' && '$`\\'.includes(this.#source[this.#at + 1] ?? '')) {
        literal += this.#source[this.#at + 1];
        this.#at += 2;
      } else if (char === '$' || char === '`') {
        parts.push({ text: literal, quoted: true }, this.#expansion(true));
        literal = '';
      } else {
        literal += char;
        this.#at++;
      }
    }
    return [...parts, { text: literal, quoted: true }];
  }

  #word(): Token {
    const start = this.#at;
    const parts: WordPart[] = [];
    let literal = '';
    const flush = (): void => {
      if (literal !== '') parts.push({ text: literal, quoted: false });
      literal = '';
    };
    for (
      let char = this.#source[this.#at];
      char !== undefined && !' \t\r\n;&|()<>'.includes(char);
      char = this.#source[this.#at]
    ) {
      if (char === "'") {
        flush();
        const end = this.#source.indexOf("'", this.#at + 1);
        if (end < 0) throw new ShellSyntaxError('unterminated quoted string');
        parts.push({ text: this.#source.slice(this.#at + 1, end), quoted: true });
        this.#at = end + 1;
      } else if (char === '"') {
        flush();
        this.#doubleQuoted(parts);
      } else if (char === '\\') {
        flush();
        parts.push({ text: this.#source[this.#at + 1] ?? '', quoted: true });
        this.#at += 2;
      } else if (char === '$' || char === '`') {
        flush();
        parts.push(this.#expansion(false));
      } else {
        literal += char;
        this.#at++;
      }
    }
    flush();
    const only = parts.length === 1 ? parts[0]! : undefined;
    const bare = only && 'text' in only && !only.quoted ? this.#source.slice(start, this.#at) : undefined;
    return { type: 'word', word: parts, ...(bare === undefined ? {} : { bare }) };
  }

  #doubleQuoted(parts: WordPart[]): void {
    let literal = '';
    for (this.#at++; this.#source[this.#at] !== '"';) {
      const char = this.#source[this.#at];
      if (char === undefined) throw new ShellSyntaxError('unterminated quoted string');
      if (char === '\\' && '$`"\\'.includes(this.#source[this.#at + 1] ?? '')) {
        literal += this.#source[this.#at + 1];
        this.#at += 2;
      } else if (char === '$' || char === '`') {
        if (literal !== '') parts.push({ text: literal, quoted: true });
        literal = '';
        parts.push(this.#expansion(true));
      } else {
        literal += char;
        this.#at++;
      }
    }
    this.#at++;
    parts.push({ text: literal, quoted: true });
  }

  #expansion(quoted: boolean): WordPart {
    const source = this.#source;
    if (source[this.#at] === '`') {
      const end = source.indexOf('`', this.#at + 1);
      if (end < 0) throw new ShellSyntaxError('unterminated command substitution');
      const text = source.slice(this.#at + 1, end);
      this.#at = end + 1;
      return { substitution: parseShell(text), quoted };
    }
    if (source.startsWith('$((', this.#at)) {
      const end = source.indexOf('))', this.#at);
      if (end < 0) throw new ShellSyntaxError('unterminated arithmetic expansion');
      const text = source.slice(this.#at + 3, end);
      this.#at = end + 2;
      return { arithmetic: text };
    }
    if (source.startsWith('$(', this.#at)) {
      const end = this.#closing(this.#at + 2);
      const text = source.slice(this.#at + 2, end);
      this.#at = end + 1;
      return { substitution: parseShell(text), quoted };
    }
    if (source.startsWith('${', this.#at)) {
      const end = source.indexOf('}', this.#at);
      const match = /^([A-Za-z_][A-Za-z0-9_]*|[?$#@*0-9])(?::?-(.*))?$/s.exec(source.slice(this.#at + 2, end));
      if (end < 0 || !match) throw new ShellSyntaxError('bad substitution');
      this.#at = end + 1;
      return { variable: match[1]!, ...(match[2] === undefined ? {} : { fallback: match[2] }), quoted };
    }
    const rest = source.slice(this.#at + 1);
    const name = NAME.exec(rest)?.[0] ?? /^[?$#@*0-9]/.exec(rest)?.[0];
    this.#at += 1 + (name?.length ?? 0);
    return name === undefined ? { text: '$', quoted: true } : { variable: name, quoted };
  }

  /** Index of the parenthesis that closes the one before `from`. */
  #closing(from: number): number {
    let depth = 1;
    for (let index = from; index < this.#source.length; index++) {
      const char = this.#source[index];
      if (char === "'" || char === '"') {
        index = this.#source.indexOf(char, index + 1);
        if (index < 0) break;
      } else if (char === '(') depth++;
      else if (char === ')' && --depth === 0) return index;
    }
    throw new ShellSyntaxError('unterminated command substitution');
  }
}
