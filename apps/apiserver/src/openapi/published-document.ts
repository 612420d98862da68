import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { parseAccept } from '../negotiation/media-types.ts';
import type { OpenApiVersion } from '@pilothouse/apimachinery';
import { encodeDocumentV2 } from './protobuf/document-v2.ts';
import { encodeDocumentV3 } from './protobuf/document-v3.ts';

/** A document as it goes on the wire. */
export interface Representation {
  readonly contentType: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

export type RepresentationName = 'json' | 'protobuf';

/** A document and its forms on the wire, each made when first asked for. */
export class PublishedDocument {
  readonly #version: OpenApiVersion;
  readonly #json: Buffer;
  readonly #made = new Map<RepresentationName, Representation>();

  constructor(version: OpenApiVersion, document: object) {
    this.#version = version;
    this.#json = Buffer.from(JSON.stringify(document));
  }

  /** What stands in the index behind `?hash=`; a client may cache by it for ever. */
  get hash(): string {
    return this.as('json').etag.slice(1, -1);
  }

  as(name: RepresentationName): Representation {
    let made = this.#made.get(name);
    if (made === undefined) this.#made.set(name, (made = this.#make(name)));
    return made;
  }

  #make(name: RepresentationName): Representation {
    const plain = name === 'json' ? this.#json : this.#protobuf();
    return {
      contentType:
        name === 'json'
          ? 'application/json'
          : `application/com.github.proto-openapi.spec.${this.#version}.v1.0+protobuf`,
      etag: `"${createHash('sha512').update(plain).digest('hex').toUpperCase()}"`,
      plain,
      gzip: gzipSync(plain, { level: 1 }),
    };
  }

  /** The document is kept as JSON bytes only: as objects it would take many times the memory for a rare wish. */
  #protobuf(): Buffer {
    const document = JSON.parse(this.#json.toString()) as object;
    return this.#version === 'v2' ? encodeDocumentV2(document) : encodeDocumentV3(document);
  }
}

/**
 * Which form a client wants; undefined where it takes none. Clients ask for Protobuf with `@` in the type, as upstream
 * named it first; answers carry the later name, since `@` may not stand in a media type.
 * k8s.io/kube-openapi, pkg/handler and pkg/handler3.
 */
export function wantedRepresentation(
  accept: string | undefined,
  version: OpenApiVersion,
): RepresentationName | undefined {
  if (accept === undefined || accept.trim() === '') return 'json';
  const protobuf = new RegExp(`^application/com\\.github\\.proto-openapi\\.spec\\.${version}[@.]v1\\.0\\+protobuf$`);
  for (const { type } of parseAccept(accept)) {
    if (type === 'application/json' || type === 'application/*' || type === '*/*') return 'json';
    if (protobuf.test(type)) return 'protobuf';
  }
  return undefined;
}
