import { isUtf8 } from 'node:buffer';

/**
 * Programs here work on text, and people send them bytes (`kubectl cp` an archive). A byte that is no UTF-8 becomes a
 * lone surrogate, U+DC80 to U+DCFF, which no valid text holds, and comes out as that byte again: as in Python, PEP 383.
 */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  const parts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    parts.push(length === 0 ? String.fromCharCode(0xdc00 + bytes[at]!) : bytes.toString('utf8', at, at + length));
    at += length || 1;
  }
  return parts.join('');
}

export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = text.split(/([\udc80-\udcff])/u);
  // What matched stands at every second place.
  return Buffer.concat(
    parts.map((part, index) => (index % 2 === 1 ? Buffer.from([part.charCodeAt(0) - 0xdc00]) : Buffer.from(part))),
  );
}

/** How many bytes the character at `at` has; 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length ? length : 0;
}
