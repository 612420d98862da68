/**
 * A POSIX regular expression as one of JavaScript: in a basic one `+ ? { } ( ) |` are characters unless they follow a
 * backslash, in an extended one it is the other way round.
 */
export function posixPattern(pattern: string, isExtended: boolean, flags = ''): RegExp | undefined {
  const source = pattern
    .replaceAll(/\[\[:(\w+):\]/g, (_, name: string) => `[${CLASSES[name] ?? ''}`)
    .replaceAll(/\[:(\w+):\]/g, (_, name: string) => CLASSES[name] ?? '')
    .replaceAll(/\\?[+?{}()|]/g, (text) => {
      const isEscaped = text.startsWith('\\');
      const char = text.at(-1)!;
      return isEscaped === isExtended ? `\\${char}` : char;
    });
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

export function literalPattern(text: string, flags = ''): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), flags);
}

const CLASSES: Readonly<Record<string, string | undefined>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  space: '\\s',
  upper: 'A-Z',
};
