const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** One pass over valid JSON text: how deep it nests, and how many keys it writes (also those written twice). */
export function scanJson(text: string): { depth: number; keyCount: number } {
  let depth = 0;
  let deepest = 0;
  let keyCount = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 0x3a: // :
        keyCount++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > deepest) deepest = depth;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
    }
  }
  return { depth: deepest, keyCount };
}

/** Position of the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

interface Level {
  readonly keys: Set<string> | undefined;
  readonly path: string;
  index: number;
  key: string;
}

/**
 * Paths (`spec.ports[0].name`) of all keys of valid JSON text in the order in which they stand there, and those that
 * stand twice in one object. The slow way, for the rare case.
 */
export function findDuplicateFields(text: string): { duplicates: string[]; order: ReadonlyMap<string, number> } {
  const duplicates: string[] = [];
  const order = new Map<string, number>();
  const levels: Level[] = [];
  const pathOf = (level: Level | undefined): string => {
    if (level === undefined) return '';
    if (level.keys === undefined) return `${level.path}[${level.index}]`;
    return level.path === '' ? level.key : `${level.path}.${level.key}`;
  };
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1);
    switch (text.charAt(at)) {
      case '"': {
        const end = endOfString(text, at);
        const isKey = level?.keys !== undefined && /^\s*:/.test(text.slice(end + 1, end + 64));
        if (isKey) {
          level.key = JSON.parse(text.slice(at, end + 1)) as string;
          const path = pathOf(level);
          if (level.keys!.has(level.key)) duplicates.push(path);
          order.set(path, at);
          level.keys!.add(level.key);
        }
        at = end;
        break;
      }
      case '{':
        levels.push({ keys: new Set(), path: pathOf(level), index: 0, key: '' });
        break;
      case '[':
        levels.push({ keys: undefined, path: pathOf(level), index: 0, key: '' });
        break;
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (level?.keys === undefined && level !== undefined) level.index++;
        break;
    }
  }
  return { duplicates: [...new Set(duplicates)], order };
}
