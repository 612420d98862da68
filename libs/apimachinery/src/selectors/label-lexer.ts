/** A word or symbol of the label selector language. `in` and `notin` are words whose role depends on their place. */
export interface LabelToken {
  readonly kind: 'identifier' | 'in' | 'notin' | 'symbol' | 'end' | 'error';
  readonly text: string;
}

const SYMBOLS = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '(']);
const isSpace = (character: string) => ' \t\r\n'.includes(character);
const isSymbol = (character: string) => '=!(),><'.includes(character);

/** Splits a selector into tokens; the last one is always `end`. */
export function lexLabelSelector(text: string): LabelToken[] {
  const tokens: LabelToken[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text[position]!;
    if (isSpace(character)) position++;
    else if (isSymbol(character)) {
      const token = lexSymbol(text, position);
      tokens.push(token);
      position += token.text.length;
    } else {
      const start = position;
      while (position < text.length && !isSpace(text[position]!) && !isSymbol(text[position]!)) position++;
      const word = text.slice(start, position);
      tokens.push({ kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
    }
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

/** The longest symbol that starts here; every symbol character is one by itself. */
function lexSymbol(text: string, position: number): LabelToken {
  const two = text.slice(position, position + 2);
  return { kind: 'symbol', text: SYMBOLS.has(two) ? two : text[position]! };
}
