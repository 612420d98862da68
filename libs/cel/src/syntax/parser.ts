import type { CallExpression, Expression } from './expression.ts';
import { tokenize, type Token } from './lexer.ts';
import { expandGlobalMacro, expandMemberMacro } from './macros.ts';
import { CompileError } from './source-error.ts';
import { inInt64 } from '../runtime/value.ts';

const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const MAX_DEPTH = 250;

/** Text → expression; throws CompileError. https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax */
export function parse(source: string): Expression {
  return new Parser(source).whole();
}

class Parser {
  private readonly source: string;
  private readonly tokens: readonly Token[];
  private position = 0;
  private depth = 0;

  constructor(source: string) {
    this.source = source;
    this.tokens = tokenize(source);
  }

  whole(): Expression {
    const expression = this.conditional();
    if (this.token.kind !== 'end') this.unexpected('<EOF>');
    return expression;
  }

  private get token(): Token {
    return this.tokens[this.position]!;
  }

  private next(): Token {
    return this.tokens[this.position++]!;
  }

  /** Takes the symbol when it is the next token. */
  private take(symbol: string): Token | undefined {
    const { kind, text } = this.token;
    return text === symbol && (kind === 'symbol' || kind === 'identifier') ? this.next() : undefined;
  }

  private expect(symbol: string): Token {
    return this.take(symbol) ?? this.unexpected(`'${symbol}'`);
  }

  private unexpected(expected: string): never {
    return this.fail(this.token.at, `Syntax error: mismatched input '${this.token.text}' expecting ${expected}`);
  }

  private fail(at: number, message: string): never {
    throw new CompileError(this.source, [{ at, message }]);
  }

  private conditional(): Expression {
    if (++this.depth > MAX_DEPTH) this.fail(this.token.at, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    const condition = this.binary(0);
    const question = this.take('?');
    this.depth--;
    if (question === undefined) return condition;
    const then = this.binary(0);
    this.expect(':');
    return { kind: 'call', at: question.at, name: '_?_:_', args: [condition, then, this.conditional()] };
  }

  /** From the operators that bind least to those that bind most. */
  private binary(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const { kind, text, at } = this.token;
      const name = kind === 'symbol' || text === 'in' ? operators[text] : undefined;
      if (name === undefined) return left;
      this.next();
      left = { kind: 'call', at, name, args: [left, this.binary(level + 1)] };
    }
  }

  private unary(): Expression {
    const { text, at, kind } = this.token;
    if (kind !== 'symbol' || (text !== '!' && text !== '-')) return this.inRange(this.member());
    this.next();
    const after = this.tokens[this.position]!;
    if (
      text === '-' &&
      after.kind === 'literal' &&
      (typeof after.value === 'bigint' || typeof after.value === 'number')
    ) {
      this.next();
      return this.memberOf({
        kind: 'constant',
        at,
        value: typeof after.value === 'bigint' ? -after.value : -after.value,
      });
    }
    if (++this.depth > MAX_DEPTH) this.fail(at, `expression recursion limit exceeded: ${MAX_DEPTH}`);
    const operand = this.unary();
    this.depth--;
    return { kind: 'call', at, name: text === '!' ? '!_' : '-_', args: [operand] };
  }

  private inRange(expression: Expression): Expression {
    if (expression.kind === 'constant' && typeof expression.value === 'bigint' && !inInt64(expression.value)) {
      this.fail(expression.at, 'Syntax error: invalid int literal');
    }
    return expression;
  }

  private member(): Expression {
    return this.memberOf(this.primary());
  }

  private memberOf(start: Expression): Expression {
    let expression = start;
    for (;;) {
      const dot = this.take('.');
      if (dot) {
        const optional = this.take('?') !== undefined;
        const name = this.identifier();
        expression = this.selection(expression, dot.at, name, optional);
        continue;
      }
      if (isTypeName(expression) && this.take('{')) {
        expression = this.structLiteral(expression.at);
        continue;
      }
      const bracket = this.take('[');
      if (bracket === undefined) return expression;
      const optional = this.take('?') !== undefined;
      const index = this.conditional();
      this.expect(']');
      expression = { kind: 'call', at: bracket.at, name: optional ? '_[?_]' : '_[_]', args: [expression, index] };
    }
  }

  private selection(operand: Expression, at: number, name: Token, optional: boolean): Expression {
    const open = this.token.at;
    if (optional || !this.take('(')) return { kind: 'select', at, operand, field: name.text, test: false, optional };
    const args = this.list(')');
    return (
      expandMemberMacro(name.text, operand, args, open, (where, message) => this.fail(where, message)) ?? {
        kind: 'call',
        at: open,
        name: name.text,
        target: operand,
        args,
      }
    );
  }

  private identifier(): Token {
    if (this.token.kind !== 'identifier') this.unexpected('IDENTIFIER');
    return this.next();
  }

  private primary(): Expression {
    const { kind, text, at } = this.token;
    if (kind === 'literal') {
      const token = this.next() as Token & { kind: 'literal' };
      return { kind: 'constant', at, value: token.value };
    }
    if (kind === 'identifier' || (text === '.' && kind === 'symbol')) return this.named();
    if (this.take('(')) {
      const inner = this.conditional();
      this.expect(')');
      return inner;
    }
    if (this.take('[')) return this.listLiteral(at);
    if (this.take('{')) return this.mapLiteral(at);
    return this.unexpected(
      `{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`,
    );
  }

  private named(): Expression {
    this.take('.');
    const { text, at } = this.identifier();
    if (RESERVED.has(text)) this.fail(at, `Syntax error: reserved identifier: ${text}`);
    const open = this.token.at;
    if (!this.take('(')) return { kind: 'identifier', at, name: text };
    const args = this.list(')');
    const call: CallExpression = { kind: 'call', at: open, name: text, args };
    return expandGlobalMacro(call, (where, message) => this.fail(where, message)) ?? call;
  }

  private list(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.take(end)) {
      if (items.length > 0) this.expect(',');
      items.push(this.conditional());
    }
    return items;
  }

  private listLiteral(at: number): Expression {
    const elements: { value: Expression; optional: boolean }[] = [];
    while (!this.take(']')) {
      if (elements.length > 0) {
        this.expect(',');
        if (this.take(']')) break;
      }
      const optional = this.take('?') !== undefined;
      elements.push({ value: this.conditional(), optional });
    }
    return { kind: 'list', at, elements };
  }

  /** An object under construction is a map by its field names; values are of any type, each may differ. */
  private structLiteral(at: number): Expression {
    const entries: { key: Expression; value: Expression; optional: boolean }[] = [];
    while (!this.take('}')) {
      if (entries.length > 0) {
        this.expect(',');
        if (this.take('}')) break;
      }
      const optional = this.take('?') !== undefined;
      const field = this.identifier();
      this.expect(':');
      const value = this.conditional();
      const key: Expression = { kind: 'constant', at: field.at, value: field.text.replace(/^__(.+)__$/, '$1') };
      entries.push({
        key,
        value: optional ? value : { kind: 'call', at: value.at, name: 'dyn', args: [value] },
        optional,
      });
    }
    return { kind: 'map', at, entries };
  }

  private mapLiteral(at: number): Expression {
    const entries: { key: Expression; value: Expression; optional: boolean }[] = [];
    while (!this.take('}')) {
      if (entries.length > 0) {
        this.expect(',');
        if (this.take('}')) break;
      }
      const optional = this.take('?') !== undefined;
      const key = this.conditional();
      this.expect(':');
      entries.push({ key, value: this.conditional(), optional });
    }
    return { kind: 'map', at, entries };
  }
}

const LEVELS: readonly Readonly<Record<string, string>>[] = [
  { '||': '_||_' },
  { '&&': '_&&_' },
  { '<': '_<_', '<=': '_<=_', '>=': '_>=_', '>': '_>_', '==': '_==_', '!=': '_!=_', in: '@in' },
  { '+': '_+_', '-': '_-_' },
  { '*': '_*_', '/': '_/_', '%': '_%_' },
];

/** Types of which mutating policies make objects: `Object`, the types of its fields (`Object.spec`), and `JSONPatch`. */
function isTypeName(expression: Expression): boolean {
  if (expression.kind === 'identifier') return expression.name === 'Object' || expression.name === 'JSONPatch';
  return expression.kind === 'select' && !expression.optional && isTypeName(expression.operand);
}
