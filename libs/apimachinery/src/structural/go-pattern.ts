/** A pattern that Go's regexp package would not compile. The message is worded as Go's. */
export class PatternError extends Error {
  constructor(why: string, at: string) {
    super(`error parsing regexp: ${why}: \`${at}\``);
    this.name = 'PatternError';
  }
}

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** RE2 repeats nothing more often. */
const MAX_REPEAT = 1000;

const compiled = new Map<string, RegExp>();
const CACHE_LIMIT = 10_000;

/**
 * A pattern in RE2's syntax (what Go's `regexp.MatchString` takes) as a JavaScript expression. Look-around and
 * back-references, which RE2 does not have, are refused. Throws PatternError.
 */
export function goPattern(pattern: string): RegExp {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = new PatternReader(pattern).read();
    if (compiled.size < CACHE_LIMIT) compiled.set(pattern, expression);
  }
  return expression;
}

class PatternReader {
  private readonly pattern: string;
  private at = 0;
  private output = '';
  /** For each open group, the flags that were set inside it: they hold to its end, across its alternatives. */
  private readonly flags: string[][] = [[]];
  private readonly unicode: boolean;

  constructor(pattern: string) {
    this.pattern = pattern;
    this.unicode = /[^\x00-\x7f]|\\p|\\P|\\x\{/.test(pattern);
  }

  read(): RegExp {
    while (this.at < this.pattern.length) this.step();
    this.closeFlags();
    try {
      return new RegExp(this.output, this.unicode ? 'u' : '');
    } catch (error) {
      throw worded(this.pattern, (error as Error).message.replace(/^Invalid regular expression: .*: /, ''));
    }
  }

  private step(): void {
    const character = this.pattern[this.at]!;
    if (character === '\\') this.escape(false);
    else if (character === '[') this.characterClass();
    else if (character === '(') this.group();
    else if (character === ')') this.groupEnd();
    else if (character === '|') this.alternative();
    else {
      if (character === '{') this.checkRepeat();
      this.output += character;
      this.at++;
    }
  }

  private group(): void {
    const rest = this.pattern.slice(this.at);
    if (rest[1] !== '?') return this.open('(', '(');
    const named = /^\(\?P?<([A-Za-z_]\w*)>/.exec(rest);
    if (named) return this.open(named[0], `(?<${named[1]}>`);
    const flags = /^\(\?([ims]*)(?:-([ims]+))?(:|\))/.exec(rest);
    if (flags === null || flags[0] === '(?)')
      throw new PatternError('invalid or unsupported Perl syntax', rest.slice(0, 3));
    const opening = `(?${flags[1]}${flags[2] ? `-${flags[2]}` : ''}:`;
    if (flags[3] === ':') return this.open(flags[0], opening);
    // `(?i)` counts from here on; JavaScript has flags for a group alone, so one is put around what follows.
    this.at += flags[0].length;
    this.output += opening;
    this.flags.at(-1)!.push(opening);
  }

  private open(text: string, opening: string): void {
    this.at += text.length;
    this.output += opening;
    this.flags.push([]);
  }

  private groupEnd(): void {
    if (this.flags.length === 1) throw new PatternError('unexpected )', this.pattern);
    this.closeFlags();
    this.flags.pop();
    this.output += ')';
    this.at++;
  }

  private alternative(): void {
    this.closeFlags();
    this.output += `|${this.flags.at(-1)!.join('')}`;
    this.at++;
  }

  private closeFlags(): void {
    this.output += ')'.repeat(this.flags.at(-1)!.length);
  }

  private checkRepeat(): void {
    const match = /^\{(\d+)(?:,(\d*))?\}/.exec(this.pattern.slice(this.at));
    if (match === null) return;
    const [text, min, max = min] = match;
    const isEmpty = max !== '' && Number(max) < Number(min);
    if (isEmpty || Number(min) > MAX_REPEAT || Number(max) > MAX_REPEAT) {
      throw new PatternError('invalid repeat count', text);
    }
  }

  private escape(inClass: boolean): void {
    const next = this.pattern[this.at + 1];
    if (next === undefined) throw new PatternError('trailing backslash at end of expression', '');
    this.at += 2;
    if (/[1-9]/.test(next)) throw new PatternError('invalid escape sequence', `\\${next}`);
    if (next === 'A' && !inClass) this.output += '(?<![\\s\\S])';
    else if (next === 'z' && !inClass) this.output += '(?![\\s\\S])';
    else if (next === 'a') this.output += '\\x07';
    else if (next === 'Q' && !inClass) this.quoted();
    else if (next === 'p' || next === 'P') this.property(next);
    else if (next === 'x' && this.pattern[this.at] === '{') this.codePoint();
    else if (/[dDwWsSbBtnrfvx]/.test(next)) this.output += `\\${next}`;
    else if (next === '0') this.output += '\\x00';
    else if (/[A-Za-z]/.test(next)) throw new PatternError('invalid escape sequence', `\\${next}`);
    else this.output += needsEscape(next, inClass) ? `\\${next}` : next;
  }

  private quoted(): void {
    const end = this.pattern.indexOf('\\E', this.at);
    const text = this.pattern.slice(this.at, end < 0 ? undefined : end);
    this.output += text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    this.at = end < 0 ? this.pattern.length : end + 2;
  }

  private property(letter: string): void {
    const match = /^(?:\{(\^?)(\w+)\}|(\w))/.exec(this.pattern.slice(this.at));
    if (match === null) throw new PatternError('invalid character class range', `\\${letter}`);
    this.at += match[0].length;
    const negated = (letter === 'P') !== (match[1] === '^');
    const name = match[2] ?? match[3]!;
    const isScript = name.length > 2;
    this.output += `\\${negated ? 'P' : 'p'}{${isScript ? `Script=${name}` : name}}`;
  }

  private codePoint(): void {
    const match = /^\{([0-9A-Fa-f]+)\}/.exec(this.pattern.slice(this.at));
    if (match === null) throw new PatternError('invalid escape sequence', '\\x{');
    this.at += match[0].length;
    this.output += `\\u{${match[1]}}`;
  }

  private characterClass(): void {
    const start = this.at;
    this.output += '[';
    this.at++;
    if (this.pattern[this.at] === '^') {
      this.output += '^';
      this.at++;
    }
    for (let first = true; ; first = false) {
      const character = this.pattern[this.at];
      if (character === undefined) throw new PatternError('missing closing ]', this.pattern.slice(start));
      if (character === ']' && !first) break;
      if (character === '\\') this.escape(true);
      else if (character === '[' && this.pattern[this.at + 1] === ':') this.posixClass();
      else {
        this.output +=
          needsEscape(character, true) && character !== '-' && character !== '^' ? `\\${character}` : character;
        this.at++;
      }
    }
    this.output += ']';
    this.at++;
  }

  private posixClass(): void {
    const match = /^\[:(\^?)(\w+):\]/.exec(this.pattern.slice(this.at));
    const members = match ? POSIX_CLASSES[match[2]!] : undefined;
    if (!match || members === undefined || match[1] === '^') {
      throw new PatternError('invalid character class range', match?.[0] ?? '[:');
    }
    this.output += members;
    this.at += match[0].length;
  }
}

const QUANTIFIER = String.raw`(?:[*+?]|\{\d+(?:,\d*)?\})`;
const NESTED_QUANTIFIERS = new RegExp(`${QUANTIFIER}\\??${QUANTIFIER}`);

/** What V8 complains of, in Go's words. */
function worded(pattern: string, complaint: string): PatternError {
  if (complaint.startsWith('Unterminated group')) return new PatternError('missing closing )', pattern);
  if (complaint.startsWith('Nothing to repeat')) {
    const nested = NESTED_QUANTIFIERS.exec(pattern);
    if (nested) return new PatternError('invalid nested repetition operator', nested[0]);
    const alone = new RegExp(`(?:^|[(|])(${QUANTIFIER})`).exec(pattern);
    return new PatternError('missing argument to repetition operator', alone?.[1] ?? pattern);
  }
  if (complaint.startsWith('Range out of order')) {
    const range = [...pattern.matchAll(/([^\\[])-([^\]])/g)].find(([, from, to]) => from! > to!);
    return new PatternError('invalid character class range', range?.[0] ?? pattern);
  }
  return new PatternError(complaint.toLowerCase(), pattern);
}

function needsEscape(character: string, inClass: boolean): boolean {
  return inClass ? '\\]^-['.includes(character) : '\\^$.*+?()[]{}|/'.includes(character);
}
