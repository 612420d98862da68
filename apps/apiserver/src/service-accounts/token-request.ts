import { randomUUID } from 'node:crypto';
import {
  badRequest,
  conflict,
  fieldPath,
  invalid,
  invalidValue,
  isNotFound,
  notFound,
  type FieldError,
  type KubeObject,
} from '@pilothouse/apimachinery';
import type { Pod, TokenRequest } from '@pilothouse/api';
import { admissionAttributes } from '../endpoints/admit.ts';
import type { WriteServices } from '../endpoints/write-services.ts';
import { respondPlain } from '../endpoints/respond-object.ts';
import { writeContext, type Endpoint } from '../endpoints/target.ts';
import { readWriteOptions } from '../endpoints/write-options.ts';
import { readBody } from '../http/read-body.ts';
import { bodyEncoding, decodeBody } from '../negotiation/decode-body.ts';
import { codecFor } from '../printing/meta-codecs.ts';
import { formatTime, matchNamespace } from '../registry/metadata.ts';
import type { Resources } from '../registry/resources.ts';
import { applyDeclaredDefaults } from '../registry/declared-defaults.ts';
import type { KubernetesClaims } from './claims.ts';
import type { TokenSigner } from './token-signer.ts';

export interface TokenIssuer {
  readonly signer: TokenSigner;
  /** When the request names none. */
  readonly audiences: readonly string[];
  /** 0: no limit of our own. */
  readonly maxExpirationSeconds: number;
}

const DEFAULT_EXPIRATION_SECONDS = 3600;
const MIN_EXPIRATION_SECONDS = 600;
const MAX_EXPIRATION_SECONDS = 2 ** 32;

/** A token for a service account: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
export const requestToken =
  ({ admission }: WriteServices, issuer: TokenIssuer, resources: Resources): Endpoint =>
  async (request, target) => {
    const options = readWriteOptions(request, 'CreateOptions');
    const codec = codecFor('authentication.k8s.io', 'v1', 'TokenRequest');
    const expected = { codec, kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1' };
    const body = await readBody(request);
    const warn = (text: string) => request.warnings.add(text);
    const encoding = bodyEncoding(request.headers['content-type']);
    const wanted = decodeBody(body, encoding, expected, options.fieldValidation, warn) as TokenRequest;
    applyDeclaredDefaults(codec.schema, wanted);
    matchNamespace(target.resource.definition, wanted, target.key.namespace);
    const context = writeContext(request, target, options.dryRun);
    await admission.admit(admissionAttributes(request, target, 'CREATE', context, { object: wanted }));
    const { now } = context;
    const account = (await target.resource.registry.get(target.key)).object;
    const audiences = wanted.spec?.audiences?.length ? wanted.spec.audiences : [...issuer.audiences];
    const seconds = expirationOf(wanted, issuer.maxExpirationSeconds);
    const bound = await boundClaims(resources, wanted, account, target.key.namespace);
    const issuedAt = Math.floor(now.getTime() / 1000);
    const token = await issuer.signer.sign({
      aud: audiences,
      exp: issuedAt + seconds,
      iat: issuedAt,
      nbf: issuedAt,
      jti: randomUUID(),
      sub: `system:serviceaccount:${target.key.namespace}:${target.key.name}`,
      'kubernetes.io': bound,
    });
    const answer = {
      ...wanted,
      metadata: {
        name: target.key.name,
        namespace: target.key.namespace,
        creationTimestamp: formatTime(now),
        ...wanted.metadata,
      },
      spec: { ...wanted.spec, audiences, expirationSeconds: seconds },
      status: { token, expirationTimestamp: formatTime(new Date((issuedAt + seconds) * 1000)) },
    };
    await respondPlain(request, 201, answer as KubeObject, codec);
  };

function expirationOf({ spec, metadata }: TokenRequest, maximum: number): number {
  const seconds = spec?.expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS;
  const path = fieldPath('spec', 'expirationSeconds');
  const errors: FieldError[] = [];
  if (seconds < MIN_EXPIRATION_SECONDS)
    errors.push(invalidValue(path, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > MAX_EXPIRATION_SECONDS)
    errors.push(invalidValue(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (errors.length > 0) throw invalid('authentication.k8s.io', 'TokenRequest', metadata?.name ?? '', errors);
  return maximum > 0 ? Math.min(seconds, maximum) : seconds;
}

async function boundClaims(
  resources: Resources,
  { spec }: TokenRequest,
  account: KubeObject,
  namespace: string,
): Promise<KubernetesClaims> {
  const { name = '', uid = '' } = account.metadata ?? {};
  const claims: KubernetesClaims = { namespace, serviceaccount: { name, uid } };
  const reference = spec?.boundObjectRef;
  if (!reference) return claims;
  const kinds: Record<string, { resource: string; claim: 'pod' | 'secret' | 'node' }> = {
    'v1/Pod': { resource: 'pods', claim: 'pod' },
    'v1/Secret': { resource: 'secrets', claim: 'secret' },
    'v1/Node': { resource: 'nodes', claim: 'node' },
  };
  const kind = kinds[`${reference.apiVersion}/${reference.kind}`];
  if (kind === undefined)
    throw badRequest(
      `cannot bind token for serviceaccount "${name}" to object of type ${reference.apiVersion}, Kind=${reference.kind}`,
    );
  const object = await fetchBound(
    resources,
    kind.resource,
    kind.claim === 'node' ? '' : namespace,
    reference.name ?? '',
  );
  const boundUid = object.metadata?.uid ?? '';
  if (reference.uid && reference.uid !== boundUid) {
    throw conflict(
      { group: '', resource: kind.resource },
      reference.name ?? '',
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  const bound = { ...claims, [kind.claim]: { name: reference.name ?? '', uid: boundUid } };
  if (kind.claim !== 'pod') return bound;
  const pod = object as Pod;
  const accountOfPod = pod.spec?.serviceAccountName ?? '';
  if (accountOfPod !== name) {
    throw badRequest(
      `cannot bind token for serviceaccount "${name}" to pod running with different serviceaccount name.`,
    );
  }
  return pod.spec?.nodeName ? { ...bound, node: await nodeReference(resources, pod.spec.nodeName) } : bound;
}

async function nodeReference(resources: Resources, name: string): Promise<{ name: string; uid: string }> {
  const node = await resources.get('', 'nodes').registry.peek({ namespace: '', name });
  return { name, uid: node?.object.metadata?.uid ?? '' };
}

async function fetchBound(
  resources: Resources,
  resource: string,
  namespace: string,
  name: string,
): Promise<KubeObject> {
  try {
    return (await resources.get('', resource).registry.get({ namespace, name })).object;
  } catch (error) {
    if (isNotFound(error)) throw notFound({ group: '', resource }, name);
    throw error;
  }
}
