import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 8192;

/**
 * What a log says last about why its process ended: a line that begins with `error:`, as our components write it, or
 * with an error's name, as Node writes what nobody caught; else the last line there is.
 */
export function lastLineOf(file: string): string {
  let text: string;
  try {
    const fd = openSync(file, 'r');
    try {
      const { size } = fstatSync(fd);
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      readSync(fd, buffer, 0, buffer.length, size - buffer.length);
      text = buffer.toString('utf8');
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((each) => /^(error|\w*Error\b.*?):/.test(each)) ?? lines.at(-1) ?? '';
  return line.replace(/^error: /, '').slice(0, 300);
}
