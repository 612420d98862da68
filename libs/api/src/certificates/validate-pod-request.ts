import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  isDNS1123Subdomain,
  isDomainPrefixedKey,
  nameIsDNSSubdomain,
  OMIT_VALUE,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import type { PodCertificateRequest, PodCertificateRequestSpec } from '@pilothouse/api';
import { base64ByteLength } from '../core/validation/data-size.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { isKubernetesSigner, validateSignerName } from '../core/validation/signer-name.ts';
import { readCertificateRequest } from './certificate-request.ts';

const SPEC = fieldPath('spec');
const KEY = SPEC.child('pkixPublicKey');
const PROOF = SPEC.child('proofOfPossession');
const STUB = SPEC.child('stubPKCS10Request');
const MAX_UID = 128;
const MAX_KEY_BYTES = 10 * 1024;
const MIN_SECONDS = 3600;
/** A day for Kubernetes' own signers, a quarter of a year for others. */
const MAX_KUBERNETES_SECONDS = 86_400;
const MAX_SECONDS = 91 * 86_400;
/** What is a key at all for upstream, though it may refuse it. */
const GO_KEYS = ['rsa', 'ed25519', 'x25519', 'dsa'];
/** A curve that Go reads and the API refuses. */
const GO_CURVES: Readonly<Record<string, string>> = { secp224r1: 'P-224' };
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];
const RSA_BITS = [3072, 4096];

export function validatePodRequest({ spec }: PodCertificateRequest): FieldError[] {
  const errors: FieldError[] = [];
  validateSignerName(spec.signerName, SPEC.child('signerName'), errors);
  for (const key of Object.keys(spec.unverifiedUserAnnotations ?? {})) {
    errors.push(...isDomainPrefixedKey(SPEC.child('unverifiedUserAnnotations'), key));
  }
  validateIdentity('pod', spec.podName, spec.podUID, nameIsDNSSubdomain(spec.podName, false), errors);
  validateIdentity(
    'serviceAccount',
    spec.serviceAccountName,
    spec.serviceAccountUID,
    isDNS1123Subdomain(spec.serviceAccountName),
    errors,
  );
  validateIdentity('node', spec.nodeName, spec.nodeUID, isDNS1123Subdomain(spec.nodeName), errors);
  const seconds = spec.maxExpirationSeconds;
  if (seconds === undefined) return [...errors, required(SPEC.child('maxExpirationSeconds'), 'must be set')];
  const max = isKubernetesSigner(spec.signerName) ? MAX_KUBERNETES_SECONDS : MAX_SECONDS;
  if (seconds < MIN_SECONDS || seconds > max) {
    errors.push(
      invalidValue(SPEC.child('maxExpirationSeconds'), seconds, `must be in the range [${MIN_SECONDS}, ${max}]`),
    );
  }
  return [...errors, ...(spec.stubPKCS10Request ? validateStub(spec) : validateProof(spec))];
}

function validateIdentity(
  of: string,
  name: string,
  uid: string,
  problems: readonly string[],
  errors: FieldError[],
): void {
  pushInvalid(errors, SPEC.child(`${of}Name`), name, problems);
  if (!uid) errors.push(invalidValue(SPEC.child(`${of}UID`), uid, 'must not be empty'));
  if (uid.length > MAX_UID) errors.push(tooLong(SPEC.child(`${of}UID`), MAX_UID));
}

const isTooLong = (base64: string | null | undefined): boolean => base64ByteLength(base64 ?? '') > MAX_KEY_BYTES;

/** The request proves by itself that whoever made it has the key. */
function validateStub({ stubPKCS10Request: stub }: PodCertificateRequestSpec): FieldError[] {
  if (isTooLong(stub)) return [tooLong(STUB, MAX_KEY_BYTES)];
  try {
    return keyProblems(readCertificateRequest(Buffer.from(stub, 'base64')).publicKey, STUB, stub);
  } catch {
    return [invalidValue(STUB, stub, 'must be a valid PKCS#10 certificate signing request')];
  }
}

/** The pod's UID, signed with the key. */
function validateProof({ pkixPublicKey, proofOfPossession, podUID }: PodCertificateRequestSpec): FieldError[] {
  if (isTooLong(pkixPublicKey)) return [tooLong(KEY, MAX_KEY_BYTES)];
  if (isTooLong(proofOfPossession)) return [tooLong(PROOF, MAX_KEY_BYTES)];
  const key = publicKeyOf(pkixPublicKey);
  if (!key) return [invalidValue(KEY, pkixPublicKey, 'must be a valid PKIX-serialized public key')];
  const problems = keyProblems(key, KEY, pkixPublicKey);
  if (problems.length > 0) return problems;
  if (isProof(key, Buffer.from(podUID), Buffer.from(proofOfPossession ?? '', 'base64'))) return [];
  return [invalidValue(PROOF, OMIT_VALUE, 'could not verify proof-of-possession signature')];
}

export function publicKeyOf(spki: string | null | undefined): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki ?? '', 'base64'), format: 'der', type: 'spki' });
    const { asymmetricKeyType: type = '', asymmetricKeyDetails: { namedCurve = '' } = {} } = key;
    const isReadByGo = type === 'ec' ? CURVES.includes(namedCurve) || namedCurve in GO_CURVES : GO_KEYS.includes(type);
    return isReadByGo ? key : undefined;
  } catch {
    return undefined;
  }
}

function keyProblems(key: KeyObject, path: FieldPath, shown: string | null | undefined): FieldError[] {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return [];
    case 'ec':
      return CURVES.includes(namedCurve)
        ? []
        : [
            invalidValue(
              path,
              `curve ${GO_CURVES[namedCurve] ?? namedCurve}`,
              'elliptic public keys must use curve P256 or P384',
            ),
          ];
    case 'rsa':
      return RSA_BITS.includes(modulusLength)
        ? []
        : [invalidValue(path, `${modulusLength}-bit modulus`, 'RSA keys must have modulus size 3072 or 4096')];
    default:
      return [invalidValue(path, shown, 'unknown public key type; supported types are Ed25519, ECDSA, and RSA')];
  }
}

function isProof(key: KeyObject, data: Buffer, signature: Buffer): boolean {
  if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, signature);
  if (key.asymmetricKeyType === 'ec') return verify('sha256', data, key, signature);
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_AUTO: saltLength } = constants;
  return verify('sha256', data, { key, padding, saltLength }, signature);
}
