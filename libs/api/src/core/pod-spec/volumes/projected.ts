import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type {
  ClusterTrustBundleProjection,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '@pilothouse/api';
import { pushInvalid } from '../../validation/push-invalid.ts';
import { isKubernetesSigner, trustBundleNameProblems, validateSignerName } from '../../validation/signer-name.ts';
import { validateDownwardApiFile, validateFileMode, validateKeyToPath } from './file-volumes.ts';
import { validateNonReservedPath } from './local-path.ts';

const MIN_TOKEN_SECONDS = 10 * 60;
const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];
const MIN_CERTIFICATE_SECONDS = 3600;
const MAX_CERTIFICATE_SECONDS = 91 * 24 * 3600;
const MAX_KUBERNETES_CERTIFICATE_SECONDS = 24 * 3600;

/** What the rules of one source share: the volume, and the paths that its files have taken so far. */
interface Projection {
  readonly path: FieldPath;
  readonly errors: FieldError[];
  readonly taken: Set<string>;
}

/** Several sources projected into one directory, so their files must not collide. */
export function validateProjected(projected: ProjectedVolumeSource, path: FieldPath, errors: FieldError[]): void {
  validateFileMode(projected.defaultMode, path.child('defaultMode'), errors);
  const projection: Projection = { path, errors, taken: new Set() };
  (projected.sources ?? []).forEach((source, index) => {
    const at = path.child('sources').index(index);
    validateSource(source, at, projection);
    if (Object.values(source).filter((each) => each !== undefined).length > 1) {
      errors.push(forbiddenField(at, 'may not specify more than 1 volume type per source'));
    }
  });
}

function validateSource(source: VolumeProjection, path: FieldPath, projection: Projection): void {
  const { errors } = projection;
  for (const kind of ['secret', 'configMap'] as const) {
    const keys = source[kind];
    if (!keys) continue;
    if (!keys.name) errors.push(required(path.child(kind, 'name')));
    keys.items?.forEach((item, index) => {
      validateKeyToPath(item, path.child(kind, 'items').index(index), errors);
      takePath(item.path, projection, keys.name ?? '');
    });
  }
  for (const file of source.downwardAPI?.items ?? []) {
    validateDownwardApiFile(file, path.child('downwardAPI'), errors);
    takePath(file.path, projection);
  }
  if (source.serviceAccountToken) {
    validateToken(source.serviceAccountToken, path.child('serviceAccountToken'), projection);
  }
  if (source.clusterTrustBundle) {
    validateTrustBundle(source.clusterTrustBundle, path.child('clusterTrustBundle'), projection);
  }
  if (source.podCertificate) validateCertificate(source.podCertificate, path.child('podCertificate'), projection);
}

function takePath(file: string | undefined, { path, errors, taken }: Projection, named?: string): void {
  if (!file) return;
  if (taken.has(file)) errors.push(invalidValue(path, named ?? file, 'conflicting duplicate paths'));
  taken.add(file);
}

function validateToken(token: ServiceAccountTokenProjection, path: FieldPath, projection: Projection): void {
  const { errors } = projection;
  const seconds = token.expirationSeconds ?? 0;
  const at = path.child('expirationSeconds');
  if (seconds < MIN_TOKEN_SECONDS) {
    errors.push(invalidValue(at, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > 2 ** 32) {
    errors.push(invalidValue(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  if (!token.path) errors.push(required(projection.path.child('path')));
  else validateNonReservedPath(token.path, projection.path.child('path'), errors);
}

function validateTrustBundle(bundle: ClusterTrustBundleProjection, path: FieldPath, projection: Projection): void {
  const { errors } = projection;
  const { name, signerName, labelSelector } = bundle;
  if (name !== undefined && signerName !== undefined) {
    errors.push(invalidValue(path, bundle, 'only one of name and signerName may be used'));
  } else if (name !== undefined) {
    if (!name) errors.push(required(path.child('name'), 'must be a valid object name'));
    const messages = trustBundleNameProblems(name).map((each) => `not a valid clustertrustbundlename: ${each}`);
    pushInvalid(errors, path.child('name'), name, messages);
    if (labelSelector) {
      const detail = 'labelSelector must be unset if name is specified';
      errors.push(invalidValue(path.child('labelSelector'), labelSelector, detail));
    }
  } else if (signerName !== undefined) {
    if (!signerName) errors.push(required(path.child('signerName'), 'must be a valid signer name'));
    validateSignerName(signerName, path.child('signerName'), errors);
    errors.push(...validateLabelSelector(labelSelector, path.child('labelSelector')));
  } else errors.push(required(path, 'either name or signerName must be specified'));
  if (!bundle.path) errors.push(required(path.child('path')));
  validateNonReservedPath(bundle.path ?? '', path.child('path'), errors);
  takePath(bundle.path, projection);
}

/** A key and certificate that the kubelet obtains for the pod (KEP-4317). */
function validateCertificate(certificate: PodCertificateProjection, path: FieldPath, projection: Projection): void {
  const { errors } = projection;
  const { signerName = '', keyType, maxExpirationSeconds: seconds } = certificate;
  validateSignerName(signerName, path.child('signerName'), errors);
  if (!KEY_TYPES.includes(keyType)) errors.push(notSupported(path.child('keyType'), keyType, KEY_TYPES));
  if (seconds !== undefined) {
    const max = isKubernetesSigner(signerName) ? MAX_KUBERNETES_CERTIFICATE_SECONDS : MAX_CERTIFICATE_SECONDS;
    const at = path.child('maxExpirationSeconds');
    if (seconds < MIN_CERTIFICATE_SECONDS) {
      const detail = `if provided, maxExpirationSeconds must be >= ${MIN_CERTIFICATE_SECONDS}`;
      errors.push(invalidValue(at, seconds, detail));
    }
    if (seconds > max) errors.push(invalidValue(at, seconds, `if provided, maxExpirationSeconds must be <= ${max}`));
  }
  let files = 0;
  for (const field of ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const) {
    const file = certificate[field];
    if (!file) continue;
    files += 1;
    validateNonReservedPath(file, path.child(field), errors);
    takePath(file, projection);
  }
  if (files === 0) {
    const detail = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath';
    errors.push(required(path, detail));
  }
}
