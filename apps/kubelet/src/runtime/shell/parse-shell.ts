import { ShellSyntaxError } from './syntax.ts';
import type { Node, Redirect, Word } from './syntax.ts';
import { tokenize } from './tokenize.ts';
import type { Token } from './tokenize.ts';

/** Throws ShellSyntaxError for what is wrong, and for what is right but not simulated (functions, `case`). */
export function parseShell(source: string): Node {
  const parser = new Parser(tokenize(source));
  const node = parser.list([]);
  parser.expectEnd();
  return node;
}

const RESERVED = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', '}']);
const COMPOUND = new Set(['{', 'while', 'until', 'for', 'if']);
const NOT_SIMULATED = new Set(['case', 'function', 'select', '[[']);

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length) throw new ShellSyntaxError(`unexpected ${this.#describe()}`);
  }

  /** Commands up to the end, a `)` or one of the keywords in `until`. */
  list(until: readonly string[]): Node {
    const items: Node[] = [];
    for (;;) {
      while (this.#isOperator('\n', ';')) this.#at++;
      const keyword = this.#keyword();
      if (
        this.#at >= this.#tokens.length ||
        this.#isOperator(')') ||
        (keyword !== undefined && until.includes(keyword))
      )
        break;
      if (keyword !== undefined && RESERVED.has(keyword)) throw new ShellSyntaxError(`unexpected "${keyword}"`);
      const item = this.#andOr();
      if (this.#isOperator('&')) {
        this.#at++;
        items.push({ type: 'background', body: item });
      } else {
        items.push(item);
        if (!this.#isOperator(';', '\n')) break;
      }
    }
    return items.length === 1 ? items[0]! : { type: 'list', items };
  }

  #andOr(): Node {
    let left = this.#pipeline();
    while (this.#isOperator('&&', '||')) {
      const type = this.#operator() === '&&' ? 'and' : 'or';
      this.#skipNewlines();
      left = { type, left, right: this.#pipeline() };
    }
    return left;
  }

  #pipeline(): Node {
    if (this.#keyword() === '!') {
      this.#at++;
      return { type: 'not', body: this.#pipeline() };
    }
    const commands = [this.#command()];
    while (this.#isOperator('|')) {
      this.#at++;
      this.#skipNewlines();
      commands.push(this.#command());
    }
    return commands.length === 1 ? commands[0]! : { type: 'pipe', commands };
  }

  #command(): Node {
    const start = this.#at;
    const node = this.#compoundOrSimple();
    // A simple command has taken its redirects with it.
    if (node.type === 'command' && this.#tokens[start]?.type === 'word' && !this.#isCompound(start)) return node;
    const redirects: Redirect[] = [];
    for (let redirect = this.#nextRedirect(); redirect; redirect = this.#nextRedirect()) redirects.push(redirect);
    return redirects.length > 0 ? { type: 'redirected', body: node, redirects } : node;
  }

  #isCompound(at: number): boolean {
    const token = this.#tokens[at];
    return token?.type === 'word' && COMPOUND.has(token.bare ?? '');
  }

  #compoundOrSimple(): Node {
    const keyword = this.#keyword();
    if (keyword !== undefined && NOT_SIMULATED.has(keyword))
      throw new ShellSyntaxError(`"${keyword}" is not simulated`);
    if (this.#isOperator('(')) return this.#enclosed(() => this.#closedBy(')'));
    switch (keyword) {
      case '{':
        return this.#enclosed(() => this.#expect('}'), ['}']);
      case 'while':
      case 'until':
        return this.#loop(keyword === 'until');
      case 'for':
        return this.#for();
      case 'if':
        this.#at++;
        return this.#if();
      default:
        return this.#simple();
    }
  }

  #enclosed(close: () => void, until: readonly string[] = []): Node {
    this.#at++;
    const body = this.list(until);
    close();
    return body;
  }

  #loop(until: boolean): Node {
    this.#at++;
    const condition = this.list(['do']);
    return { type: 'loop', until, condition, body: this.#doBody() };
  }

  #for(): Node {
    this.#at++;
    const name = this.#keyword();
    if (name === undefined) throw new ShellSyntaxError('bad for loop variable');
    this.#at++;
    this.#expect('in');
    const words: Word[] = [];
    for (let token = this.#tokens[this.#at]; token?.type === 'word'; token = this.#tokens[this.#at]) {
      words.push(token.word);
      this.#at++;
    }
    this.#skipSeparators();
    return { type: 'for', name, words, body: this.#doBody() };
  }

  #doBody(): Node {
    this.#skipSeparators();
    this.#expect('do');
    const body = this.list(['done']);
    this.#expect('done');
    return body;
  }

  #if(): Node {
    const condition = this.list(['then']);
    this.#expect('then');
    const then = this.list(['else', 'elif', 'fi']);
    const keyword = this.#keyword();
    if (keyword === 'elif') {
      this.#at++;
      return { type: 'if', condition, then, otherwise: this.#if() };
    }
    if (keyword !== 'else') {
      this.#expect('fi');
      return { type: 'if', condition, then };
    }
    this.#at++;
    const otherwise = this.list(['fi']);
    this.#expect('fi');
    return { type: 'if', condition, then, otherwise };
  }

  #simple(): Node {
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (let token = this.#tokens[this.#at]; token; token = this.#tokens[this.#at]) {
      const redirect = this.#nextRedirect();
      if (redirect) redirects.push(redirect);
      else if (token.type === 'word') {
        this.#at++;
        words.push(token.word);
      } else if (token.type === 'operator' && (token.text === '<<' || (token.text === '(' && words.length > 0))) {
        throw new ShellSyntaxError(`"${token.text}" is not simulated`);
      } else break;
    }
    if (words.length === 0 && redirects.length === 0) throw new ShellSyntaxError(`unexpected ${this.#describe()}`);
    return { type: 'command', words, redirects };
  }

  /** Undefined where none stands here. */
  #nextRedirect(): Redirect | undefined {
    const [token, next] = [this.#tokens[this.#at], this.#tokens[this.#at + 1]];
    if (token?.type === 'here-document') {
      this.#at++;
      return { fd: 0, append: false, target: token.word, isHereDocument: true };
    }
    if (token?.type === 'operator' && token.text === '<') return this.#redirect(0);
    if (token?.type === 'operator' && token.text.startsWith('>')) return this.#redirect(1);
    if (token?.type !== 'word' || (token.bare !== '1' && token.bare !== '2')) return undefined;
    if (next?.type !== 'operator' || !next.glued || !next.text.startsWith('>')) return undefined;
    this.#at++;
    return this.#redirect(token.bare === '2' ? 2 : 1);
  }

  #redirect(fd: 0 | 1 | 2): Redirect {
    const operator = this.#operator();
    const token = this.#tokens[this.#at++];
    if (token?.type !== 'word') throw new ShellSyntaxError('redirection without a target');
    const target: Word = operator === '>&' ? [{ text: '&', quoted: true }, ...token.word] : token.word;
    return { fd, append: operator === '>>', target };
  }

  #keyword(): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.type === 'word' ? token.bare : undefined;
  }

  #isOperator(...texts: string[]): boolean {
    const token = this.#tokens[this.#at];
    return token?.type === 'operator' && texts.includes(token.text);
  }

  #operator(): string {
    const token = this.#tokens[this.#at++];
    return token?.type === 'operator' ? token.text : '';
  }

  #closedBy(text: string): void {
    if (!this.#isOperator(text)) throw new ShellSyntaxError(`expected "${text}"`);
    this.#at++;
  }

  #expect(keyword: string): void {
    if (this.#keyword() !== keyword) throw new ShellSyntaxError(`expected "${keyword}" before ${this.#describe()}`);
    this.#at++;
  }

  #skipNewlines(): void {
    while (this.#isOperator('\n')) this.#at++;
  }

  #skipSeparators(): void {
    while (this.#isOperator('\n', ';')) this.#at++;
  }

  #describe(): string {
    const token = this.#tokens[this.#at];
    if (!token) return 'end of file';
    if (token.type === 'here-document') return 'here-document';
    return token.type === 'operator' ? JSON.stringify(token.text) : `"${token.bare ?? 'word'}"`;
  }
}
