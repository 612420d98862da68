/** The frames of SPDY/3.1 that Kubernetes' streams use. */
export const FRAME = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const FLAG_FIN = 1;

/** A frame with its payload still undecoded. */
export type Frame =
  | { readonly control: false; readonly streamId: number; readonly flags: number; readonly payload: Buffer }
  | { readonly control: true; readonly type: number; readonly flags: number; readonly payload: Buffer };

const HEAD_BYTES = 8;

/** The first frame in the buffer and how long it is, or undefined until all of it is there. */
export function readFrame(buffer: Buffer): { frame: Frame; length: number } | undefined {
  if (buffer.length < HEAD_BYTES) return undefined;
  const [word, rest] = [buffer.readUInt32BE(0), buffer.readUInt32BE(4)];
  const length = HEAD_BYTES + (rest & 0xffffff);
  if (buffer.length < length) return undefined;
  const payload = buffer.subarray(HEAD_BYTES, length);
  const flags = rest >>> 24;
  const control = word >>> 31 === 1;
  const frame: Frame = control
    ? { control, type: word & 0xffff, flags, payload }
    : { control, streamId: word & 0x7fffffff, flags, payload };
  return { frame, length };
}

export function dataFrame(streamId: number, payload: Buffer, fin: boolean): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt32BE((fin ? FLAG_FIN : 0) * 2 ** 24 + payload.length, 4);
  return Buffer.concat([head, payload]);
}

export function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(0x80030000 + type, 0);
  head.writeUInt32BE(flags * 2 ** 24 + payload.length, 4);
  return Buffer.concat([head, payload]);
}

/** Most that fits into one frame's 24-bit length; larger writes are split. */
export const MAX_PAYLOAD = 0xffffff;
