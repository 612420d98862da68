import { notAcceptable } from '@pilothouse/apimachinery';
import type { ServedVersion } from '../registry/served-version.ts';
import { MEDIA_TYPE, parseAccept, type Encoding, type MediaType } from './media-types.ts';

/** How the client wants its answer. */
export interface Accepted {
  readonly encoding: Encoding;
  /** `as=`: something other than the object itself. */
  readonly transform?: Transform;
}

export interface Transform {
  readonly kind: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  readonly version: 'v1' | 'v1beta1';
}

/** What an endpoint can answer with. */
export interface Offer {
  readonly encodings: readonly Encoding[];
  readonly transforms: readonly Transform['kind'][];
  /** What the object itself can be encoded in, where that is less than its metadata. */
  readonly objectEncodings?: readonly Encoding[];
  /** A watch: `;stream=watch` is understood. */
  readonly stream: boolean;
}

export const OBJECT_OFFER: Offer = {
  encodings: ['json', 'yaml', 'protobuf'],
  transforms: ['Table', 'PartialObjectMetadata'],
  stream: false,
};
export const LIST_OFFER: Offer = {
  encodings: ['json', 'yaml', 'protobuf'],
  transforms: ['Table', 'PartialObjectMetadataList'],
  stream: false,
};
export const WATCH_OFFER: Offer = {
  encodings: ['json', 'protobuf'],
  transforms: ['Table', 'PartialObjectMetadata'],
  stream: true,
};
/** For what has no table: discovery, Status, subresources that speak another kind. */
export const PLAIN_OFFER: Offer = { encodings: ['json', 'yaml', 'protobuf'], transforms: [], stream: false };

const customOffers = new Map<Offer, Offer>();

/** A custom resource has no Protobuf, though its metadata has. */
export function offerFor({ version }: ServedVersion, offer: Offer): Offer {
  if (version.schema.wire !== undefined) return offer;
  let custom = customOffers.get(offer);
  if (custom === undefined) customOffers.set(offer, (custom = { ...offer, objectEncodings: ['json', 'yaml'] }));
  return custom;
}

const CACHE_LIMIT = 1000;
const cache = new Map<Offer, Map<string, Accepted>>();

/** Picks the first clause of the `Accept` header that the endpoint can fulfil; throws 406. */
export function negotiate(header: string | undefined, offer: Offer): Accepted {
  if (header === undefined || header === '' || header === 'application/json' || header === '*/*') return JSON_PLAIN;
  let known = cache.get(offer);
  if (known === undefined) cache.set(offer, (known = new Map()));
  let accepted = known.get(header);
  if (accepted === undefined) {
    accepted = choose(parseAccept(header), offer);
    if (known.size < CACHE_LIMIT) known.set(header, accepted);
  }
  return accepted;
}

const JSON_PLAIN: Accepted = { encoding: 'json' };

function choose(clauses: readonly MediaType[], offer: Offer): Accepted {
  for (const clause of clauses) {
    const encoding = offer.encodings.find((each) => matches(clause.type, MEDIA_TYPE[each]));
    if (encoding === undefined || clause.quality === 0) continue;
    const stream = clause.parameters.get('stream');
    if (stream !== undefined && !(offer.stream && stream === 'watch')) continue;
    const as = clause.parameters.get('as');
    if (as === undefined) {
      if (offer.objectEncodings?.includes(encoding) === false) continue;
      return { encoding };
    }
    // Upstream's Table has no Protobuf form.
    const transform = as === 'Table' && encoding === 'protobuf' ? undefined : transformOf(as, clause, offer);
    if (transform) return { encoding, transform };
  }
  throw notAcceptable(
    (offer.objectEncodings ?? offer.encodings).flatMap((each) =>
      offer.stream ? [MEDIA_TYPE[each], `${MEDIA_TYPE[each]};stream=watch`] : [MEDIA_TYPE[each]],
    ),
  );
}

function matches(wanted: string, offered: string): boolean {
  return wanted === offered || wanted === '*/*' || (wanted.endsWith('/*') && offered.startsWith(wanted.slice(0, -1)));
}

function transformOf(as: string, clause: MediaType, offer: Offer): Transform | undefined {
  const kind = offer.transforms.find((each) => each === as);
  const version = clause.parameters.get('v');
  if (kind === undefined || clause.parameters.get('g') !== 'meta.k8s.io') return undefined;
  return version === 'v1' || version === 'v1beta1' ? { kind, version } : undefined;
}

/** Indented JSON: asked for by `pretty`, or given to what looks like a person's tool. */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const pretty = query.get('pretty');
  if (pretty !== null) return pretty !== '0' && pretty.toLowerCase() !== 'false' && pretty !== '';
  return userAgent !== undefined && /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}
