import type { KubeObject, Status } from '@pilothouse/apimachinery';
import type { AdmissionAttributes } from '../attributes.ts';
import { kindOf, resourceOf, type GroupVersionKind, type Invocation } from './invocation.ts';
import type { MatchedResource } from './match-rules.ts';

/** The question that is put to a webhook: admission.k8s.io AdmissionReview, which is the same in v1 and v1beta1. */
export interface AdmissionReview {
  readonly kind: 'AdmissionReview';
  readonly apiVersion: string;
  readonly request: AdmissionRequest;
}

interface AdmissionRequest {
  readonly uid: string;
  readonly kind: GroupVersionKind;
  readonly resource: MatchedResource;
  readonly subResource?: string;
  readonly requestKind: GroupVersionKind;
  readonly requestResource: MatchedResource;
  readonly requestSubResource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: string;
  readonly userInfo: object;
  readonly object: KubeObject | null;
  readonly oldObject: KubeObject | null;
  readonly dryRun: boolean;
  readonly options: KubeObject | null;
}

export interface AdmissionResponse {
  readonly uid?: string;
  readonly allowed?: boolean;
  readonly status?: Partial<Status>;
  /** Base64. */
  readonly patch?: string;
  readonly patchType?: string;
  readonly auditAnnotations?: Readonly<Record<string, string>>;
  readonly warnings?: readonly string[];
}

const KNOWN_VERSIONS = ['v1', 'v1beta1'];

/** The version to speak: the first of the webhook's list that we know. */
export function reviewVersion(accepted: readonly string[] | null | undefined): string | undefined {
  return accepted?.find((version) => KNOWN_VERSIONS.includes(version));
}

/** Objects are in the invocation's version. */
export function admissionRequest(
  uid: string,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  objects: { readonly object?: KubeObject | undefined; readonly oldObject?: KubeObject | undefined },
): AdmissionRequest {
  const { subresource, requestName: name, namespace, user } = attributes;
  return {
    uid,
    kind: invocation.kind,
    resource: invocation.resource,
    ...(subresource ? { subResource: subresource } : {}),
    requestKind: kindOf(attributes),
    requestResource: resourceOf(attributes),
    ...(subresource ? { requestSubResource: subresource } : {}),
    ...(name ? { name } : {}),
    ...(namespace ? { namespace } : {}),
    operation: attributes.operation,
    userInfo: {
      username: user.name,
      ...(user.uid ? { uid: user.uid } : {}),
      groups: user.groups,
      ...(user.extra ? { extra: user.extra } : {}),
    },
    object: objects.object ?? null,
    oldObject: objects.oldObject ?? null,
    dryRun: attributes.dryRun,
    options: attributes.options ?? null,
  };
}

export interface Verdict {
  readonly allowed: boolean;
  readonly status: Partial<Status> | undefined;
  readonly patch: Buffer | undefined;
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** Reads an answer. Throws an Error that says what is wrong with it. Upstream: VerifyAdmissionResponse. */
export function readReview(uid: string, version: string, mutating: boolean, answer: unknown): Verdict {
  const review = answer as { apiVersion?: string; kind?: string; response?: AdmissionResponse };
  const { response } = review;
  if (!response) throw new Error('webhook response was absent');
  const patch = response.patch ? Buffer.from(response.patch, 'base64') : undefined;
  if (version === 'v1') verifyV1(uid, mutating, review, response);
  return {
    allowed: response.allowed === true,
    status: response.status,
    patch: mutating ? patch : undefined,
    auditAnnotations: response.auditAnnotations ?? {},
    warnings: response.warnings ?? [],
  };
}

function verifyV1(
  uid: string,
  mutating: boolean,
  { apiVersion = '', kind = '' }: { apiVersion?: string; kind?: string },
  response: AdmissionResponse,
) {
  if (response.uid !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  }
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview') {
    const got = `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
    throw new Error(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${got}`);
  }
  const { patch, patchType } = response;
  if (!mutating) {
    if (patch) throw new Error('validating webhook may not return response.patch');
    if (patchType !== undefined && patchType !== null)
      throw new Error('validating webhook may not return response.patchType');
    return;
  }
  if (patch && (patchType === undefined || patchType === null))
    throw new Error('webhook returned response.patch but not response.patchType');
  if (!patch && patchType !== undefined && patchType !== null)
    throw new Error('webhook returned response.patchType but not response.patch');
  if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""');
  if (patch && patchType !== 'JSONPatch')
    throw new UnsupportedPatchType(`unsupported patch type ${JSON.stringify(patchType)}`);
}

/** Upstream finds this out after the answer is accepted as well-formed, and words it without that prefix. */
export class UnsupportedPatchType extends Error {}
