import type { Value } from '../runtime/value.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
};

/** The string or bytes literal at the position, with its prefixes: `r'…'`, `b"…"`, `'''…'''`. */
export function readString(source: string, start: number): { value: Value; end: number; error?: string } {
  let at = start;
  let raw = false;
  let bytes = false;
  for (; /[rRbB]/.test(source[at]!); at++) {
    if (/[rR]/.test(source[at]!)) raw = true;
    else bytes = true;
  }
  const quote = source.startsWith(source[at]!.repeat(3), at) ? source[at]!.repeat(3) : source[at]!;
  at += quote.length;
  const pieces: (string | number)[] = [];
  while (!source.startsWith(quote, at)) {
    const character = source[at];
    if (character === undefined || (quote.length === 1 && (character === '\n' || character === '\r'))) {
      return { value: '', end: at, error: `token recognition error at: '${source.slice(start, at)}'` };
    }
    if (character === '\\' && !raw) {
      const escape = readEscape(source, at, bytes);
      if (escape === undefined)
        return { value: '', end: at, error: `token recognition error at: '${source.slice(start, at + 2)}'` };
      pieces.push(escape.piece);
      at = escape.end;
    } else {
      pieces.push(character);
      at++;
    }
  }
  at += quote.length;
  if (!bytes) return { value: pieces.join(''), end: at };
  return {
    value: new Uint8Array(
      Buffer.concat(pieces.map((piece) => (typeof piece === 'number' ? Buffer.from([piece]) : Buffer.from(piece)))),
    ),
    end: at,
  };
}

/** In bytes, a numeric escape is a byte, which is why it stays a number. */
function readEscape(source: string, at: number, bytes: boolean): { piece: string | number; end: number } | undefined {
  const next = source[at + 1];
  if (next === undefined) return undefined;
  if (next in ESCAPES) return { piece: ESCAPES[next]!, end: at + 2 };
  const match = /^\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/.exec(
    source.slice(at, at + 10),
  );
  if (match === null) return undefined;
  const [text, hex, short, long, octal] = match;
  const code = octal === undefined ? parseInt((hex ?? short ?? long)!, 16) : parseInt(octal, 8);
  if (code > 0x10ffff) return undefined;
  const isByte = bytes && (hex !== undefined || octal !== undefined);
  return { piece: isByte ? code : String.fromCodePoint(code), end: at + text.length };
}
