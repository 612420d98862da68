/** One file or directory of an archive. */
export interface TarEntry {
  readonly name: string;
  /** Undefined for a directory. */
  readonly content?: Buffer;
}

const BLOCK = 512;
const MODE = { file: 0o644, directory: 0o755 } as const;

/** Reads POSIX archives: ustar, with the long names of pax and of GNU. */
export function readTar(bytes: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header[0] === 0) break;
    const size = Number.parseInt(field(header, 124, 12).trim() || '0', 8);
    const type = field(header, 156, 1);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (!Number.isInteger(size) || content.length < size) throw new Error('Unexpected EOF in archive');
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x') longName = /\d+ path=(.*)\n/.exec(content.toString())?.[1] ?? longName;
    else if (type === 'L') longName = field(content, 0, size);
    else {
      const prefix = field(header, 345, 155);
      const name = longName ?? `${prefix === '' ? '' : `${prefix}/`}${field(header, 0, 100)}`;
      longName = undefined;
      if (type === '5' || name.endsWith('/')) entries.push({ name: name.replace(/\/$/, '') });
      else if (type === '0' || type === '') entries.push({ name, content });
    }
  }
  return entries;
}

export function writeTar(entries: readonly TarEntry[], modified: Date): Buffer {
  const blocks = entries.flatMap(({ name, content }) => {
    const full = content ? name : `${name}/`;
    const data = content ?? Buffer.alloc(0);
    const long = Buffer.byteLength(full) > 100 ? paxPath(full) : undefined;
    return [
      ...(long ? [header('././@PaxHeader', long.length, 'x', modified), padded(long)] : []),
      header(full, data.length, content ? '0' : '5', modified),
      padded(data),
    ];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** `<length> path=<name>\n`, where the length counts its own digits. */
function paxPath(name: string): Buffer {
  const rest = ` path=${name}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length) {
    length = String(length).length + Buffer.byteLength(rest);
  }
  return Buffer.from(`${length}${rest}`);
}

function header(name: string, size: number, type: '0' | '5' | 'x', modified: Date): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(name, 0, 100);
  block.write(octal(type === '5' ? MODE.directory : MODE.file, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(Math.floor(modified.getTime() / 1000), 12), 136);
  block.write(`        ${type}`, 148);
  block.write('ustar\u000000root', 257);
  block.write('root', 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc(-data.length & (BLOCK - 1))]);
}

/** A text field, which ends at its first zero byte. */
function field(block: Buffer, start: number, length: number): string {
  const bytes = block.subarray(start, start + length);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
