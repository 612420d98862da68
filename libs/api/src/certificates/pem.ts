/** RFC 7468: the blocks of a PEM text, in order. What stands between them is not looked at. */
export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

const BLOCK = /-----BEGIN ([^\n-]*)-----[ \t]*\r?\n([\s\S]*?)-----END \1-----/g;

export function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(BLOCK)].flatMap(([, type = '', body = '']) => {
    const hasHeaders = body.includes(':');
    const base64 = (hasHeaders ? body.slice(body.search(/\r?\n\r?\n/)) : body).replace(/\s/g, '');
    return /^[A-Za-z0-9+/]*={0,2}$/.test(base64) ? [{ type, hasHeaders, bytes: Buffer.from(base64, 'base64') }] : [];
  });
}
