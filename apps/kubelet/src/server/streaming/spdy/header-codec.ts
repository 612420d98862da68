import { constants, createDeflate, createInflate } from 'node:zlib';
import type { Deflate, Inflate } from 'node:zlib';
import { DICTIONARY } from './dictionary.ts';
import { decodeHeaders, encodeHeaders } from './header-block.ts';
import type { SpdyHeaders } from './header-block.ts';

/** Both directions are one zlib stream for the life of the connection, so blocks must be handled in order. */
export class HeaderCodec {
  readonly #inflate: Inflate = createInflate({ dictionary: DICTIONARY });
  readonly #deflate: Deflate = createDeflate({ dictionary: DICTIONARY });

  async decode(block: Buffer): Promise<SpdyHeaders> {
    await new Promise<void>((resolve, reject) => {
      this.#inflate.once('error', reject);
      this.#inflate.write(block, () => {
        this.#inflate.off('error', reject);
        resolve();
      });
    });
    return decodeHeaders((this.#inflate.read() as Buffer | null) ?? Buffer.alloc(4));
  }

  /** Flushed, so that the other end can read this block without waiting for the next. */
  async encode(headers: SpdyHeaders): Promise<Buffer> {
    this.#deflate.write(encodeHeaders(headers));
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    return (this.#deflate.read() as Buffer | null) ?? Buffer.alloc(0);
  }

  close(): void {
    this.#inflate.close();
    this.#deflate.close();
  }
}
