import type { IncomingMessage } from 'node:http';

/** The body of somebody else's answer. Rejects when it is longer than what can be believed, in Go's words. */
export async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error('http: response body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
