const LENGTH_DELIMITED = 2;

/** The tag and length that stand before an embedded message or a string. */
export function lengthDelimited(fieldNumber: number, length: number): Buffer {
  const bytes = [(fieldNumber << 3) | LENGTH_DELIMITED];
  let rest = length;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/**
 * One frame of a Protobuf watch: four bytes of length (big-endian), then a bare meta/v1.WatchEvent, in which the object
 * stands with its own envelope.
 */
export function watchFrameProtobuf(type: string, object: Buffer): Buffer {
  const typeBytes = Buffer.from(type);
  const raw = Buffer.concat([lengthDelimited(1, object.length), object]);
  const message = Buffer.concat([lengthDelimited(1, typeBytes.length), typeBytes, lengthDelimited(2, raw.length), raw]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
}

/** One line of a JSON watch. */
export function watchFrameJson(type: string, object: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, WATCH_LINE_END]);
}

const WATCH_LINE_END = Buffer.from('}\n');
