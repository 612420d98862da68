import { createHash } from 'node:crypto';
import { bytesOf, textOf } from '../byte-text.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { parseOptions } from './option-list.ts';
import { inputLines } from './text.ts';

/** `base64`, `base64 -d`, `base64 -w 0`. */
export function* base64(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['w']);
  const text = (yield* inputLines(operands, context)).join('');
  if (values.has('d') || values.has('decode')) {
    yield* write(textOf(Buffer.from(text, 'base64')));
    return 0;
  }
  const width = Number(values.get('w') ?? 76);
  const encoded = bytesOf(text).toString('base64');
  yield* write(width > 0 ? encoded.replaceAll(new RegExp(`.{1,${width}}`, 'g'), '$&\n') : encoded);
  return 0;
}

/** `hexdump -C`: offset, sixteen bytes, and the characters among them. */
export function* hexdump(args: readonly string[], context: ProcessContext): Process {
  const { operands } = parseOptions(args, ['n', 's']);
  const bytes = bytesOf((yield* inputLines(operands, context)).join(''));
  const offset = (at: number): string => at.toString(16).padStart(8, '0');
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte, index) => `${index === 8 ? ' ' : ''}${byte.toString(16).padStart(2, '0')} `).join('');
    const shown = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    yield* write(`${offset(at)}  ${hex.padEnd(50)}|${shown}|\n`);
  }
  if (bytes.length > 0) yield* write(`${offset(bytes.length)}\n`);
  return 0;
}

/** `md5sum file …`, `sha256sum file …`. */
export function digest(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512') {
  return function* (args: readonly string[], context: ProcessContext): Process {
    const { operands } = parseOptions(args, []);
    for (const name of operands.length > 0 ? operands : ['-']) {
      const text = (yield* inputLines(name === '-' ? [] : [name], context)).join('');
      yield* write(`${createHash(algorithm).update(bytesOf(text)).digest('hex')}  ${name}\n`);
    }
    return 0;
  };
}
