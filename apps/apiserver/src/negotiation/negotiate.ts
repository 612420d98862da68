import { notAcceptable } from '@pilothouse/apimachinery';
import type { ServedVersion } from '../registry/served-version.ts';
import { ENCODINGS, MEDIA_TYPE, parseAccept, type Encoding, type MediaType } from './media-types.ts';

/** How the client wants its answer. */
export interface Accepted {
  readonly encoding: Encoding;
  /** `pretty=1`: indented. */
  readonly pretty?: boolean;
  /** `as=`: something other than the object itself. */
  readonly transform?: Transform;
}

export interface Transform {
  readonly kind: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  readonly version: 'v1' | 'v1beta1';
}

/** What an endpoint can answer with, in JSON, YAML and Protobuf. */
export interface Offer {
  /** As a table or as metadata too. */
  readonly transforms: boolean;
  /** What the object itself can be encoded in, where that is less than its metadata. */
  readonly objectEncodings?: readonly Encoding[];
}

export const OBJECT_OFFER: Offer = { transforms: true };
/** For what has no table: discovery, Status, subresources that speak another kind. */
export const PLAIN_OFFER: Offer = { transforms: false };

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
    for (const encoding of ENCODINGS) {
      const accepted = matches(clause.type, MEDIA_TYPE[encoding]) ? accept(clause, encoding, offer) : undefined;
      if (accepted !== undefined) return accepted;
    }
  }
  throw notAcceptable(ENCODINGS.map((each) => MEDIA_TYPE[each]));
}

const TRANSFORMS: readonly Transform['kind'][] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'];

/** The clause in this encoding; undefined when its parameters ask for what there is not. */
function accept({ parameters }: MediaType, encoding: Encoding, offer: Offer): Accepted | undefined {
  const stream = parameters.get('stream') ?? '';
  if (stream !== '' && (stream !== 'watch' || encoding === 'yaml')) return undefined;
  const serverVersion = parameters.get('sv') ?? '';
  if (serverVersion !== '' && serverVersion !== 'v1') return undefined;
  const plain = { encoding, ...(parameters.get('pretty') === '1' ? { pretty: true } : {}) };
  if (!['as', 'g', 'v'].some((name) => parameters.has(name))) {
    return offer.objectEncodings?.includes(encoding) === false ? undefined : plain;
  }
  const kind = offer.transforms ? TRANSFORMS.find((each) => each === parameters.get('as')) : undefined;
  const version = parameters.get('v');
  if (kind === undefined || parameters.get('g') !== 'meta.k8s.io') return undefined;
  // Upstream's Table has no Protobuf form.
  if (kind === 'Table' && encoding === 'protobuf') return undefined;
  return version === 'v1' || version === 'v1beta1' ? { ...plain, transform: { kind, version } } : undefined;
}

/** A watch is no YAML. Throws 406. */
export function negotiateWatch(header: string | undefined, offer: Offer): Accepted {
  const accepted = negotiate(header, offer);
  if (accepted.encoding !== 'yaml') return accepted;
  throw notAcceptable([MEDIA_TYPE.json, MEDIA_TYPE.protobuf].map((each) => `${each};stream=watch`));
}

function matches(wanted: string, offered: string): boolean {
  return wanted === offered || wanted === '*/*' || (wanted.endsWith('/*') && offered.startsWith(wanted.slice(0, -1)));
}

/** Indented JSON: asked for by `pretty`, or given to what looks like a person's tool. */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const pretty = query.get('pretty') ?? '';
  if (pretty !== '') return /^(1|t|T|true|TRUE|True)$/.test(pretty);
  return userAgent !== undefined && /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}
