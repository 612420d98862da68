/** Names and values with their lengths before them. Names are lower case on the wire. */
export type SpdyHeaders = ReadonlyMap<string, string>;

export function encodeHeaders(headers: SpdyHeaders): Buffer {
  const strings = [...headers].flat().map((text) => Buffer.from(text));
  const block = Buffer.alloc(4 + strings.reduce((sum, text) => sum + 4 + text.length, 0));
  let at = block.writeUInt32BE(headers.size);
  for (const text of strings) {
    at = block.writeUInt32BE(text.length, at);
    at += text.copy(block, at);
  }
  return block;
}

/** Throws RangeError for a block that is cut off. */
export function decodeHeaders(block: Buffer): SpdyHeaders {
  const headers = new Map<string, string>();
  let at = 4;
  const next = (): string => {
    const length = block.readUInt32BE(at);
    if (at + 4 + length > block.length) throw new RangeError('header block is cut off');
    at += 4 + length;
    return block.toString('utf8', at - length, at);
  };
  for (let left = block.readUInt32BE(0); left > 0; left--) headers.set(next().toLowerCase(), next());
  return headers;
}
