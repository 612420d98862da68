/**
 * The same bytes in memory of their own size. What Node reads from a connection and what `Buffer.from` makes are views
 * into blocks of 64 KiB: one small object that is kept for long would keep the whole block.
 */
export function keptBytes(bytes: Buffer): Buffer {
  if (bytes.length === bytes.buffer.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
