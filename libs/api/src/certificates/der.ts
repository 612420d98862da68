/** As much of ASN.1's distinguished encoding (X.690) as it takes to find the parts of a certificate request. */
export interface DerValue {
  readonly tag: number;
  /** The value with its tag and length. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

export const SEQUENCE = 0x30;
export const BIT_STRING = 0x03;
export const OBJECT_IDENTIFIER = 0x06;

/** The values that stand one after another in `bytes`; throws when they do not end where the bytes end. */
export function readDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { tag, header, length } = readHeader(bytes, at);
    const end = at + header + length;
    if (end > bytes.length) throw new Error('asn1: syntax error: data truncated');
    values.push({ tag, whole: bytes.subarray(at, end), content: bytes.subarray(at + header, end) });
    at = end;
  }
  return values;
}

function readHeader(bytes: Buffer, at: number): { tag: number; header: number; length: number } {
  const tag = bytes[at]!;
  const first = bytes[at + 1];
  if (first === undefined) throw new Error('asn1: syntax error: truncated tag or length');
  if (first < 0x80) return { tag, header: 2, length: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + 2 + count > bytes.length)
    throw new Error('asn1: syntax error: truncated tag or length');
  return { tag, header: 2 + count, length: bytes.readUIntBE(at + 2, count) };
}
