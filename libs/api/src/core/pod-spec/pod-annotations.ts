import { type FieldError, type FieldPath, forbiddenField, invalidValue } from '@pilothouse/apimachinery';
import type { AppArmorProfile, PodSpec, SeccompProfile, Toleration } from '@pilothouse/api';
import {
  APP_ARMOR_ANNOTATION_PREFIX,
  MIRROR_POD_ANNOTATION,
  POD_DELETION_COST_ANNOTATION,
  SECCOMP_CONTAINER_ANNOTATION_PREFIX,
  SECCOMP_POD_ANNOTATION,
  TOLERATIONS_ANNOTATION,
} from '../well-known.ts';
import { parseJsonText } from '../validation/json-text.ts';
import { validateTolerations } from './tolerations.ts';
import { visitContainers } from './visit-containers.ts';
import { validateDescendingPath } from './volumes/local-path.ts';

type Annotations = Readonly<Record<string, string>> | undefined;

const LOCALHOST_PREFIX = 'localhost/';
const SECCOMP_DEFAULTS = ['runtime/default', 'docker/default'];

/** Annotations of a pod that mean something to Kubernetes; some were fields-to-be, and still must make sense. */
export function validatePodAnnotations(
  annotations: Annotations,
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (annotations === undefined) return;
  const mirror = annotations[MIRROR_POD_ANNOTATION];
  if (mirror !== undefined && !spec.nodeName) {
    const detail = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(invalidValue(path.key(MIRROR_POD_ANNOTATION), mirror, detail));
  }
  const tolerations = annotations[TOLERATIONS_ANNOTATION];
  if (tolerations) validateTolerationsAnnotation(tolerations, path, errors);
  const cost = annotations[POD_DELETION_COST_ANNOTATION];
  if (cost !== undefined && !isInt32(cost)) {
    errors.push(invalidValue(path.key(POD_DELETION_COST_ANNOTATION), cost, 'must be a 32bit integer'));
  }
  const ofPod = annotations[SECCOMP_POD_ANNOTATION];
  if (ofPod !== undefined) validateSeccompAnnotation(ofPod, path.child(SECCOMP_POD_ANNOTATION), errors);
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(SECCOMP_CONTAINER_ANNOTATION_PREFIX)) {
      validateSeccompAnnotation(value, path.child(key), errors);
    }
  }
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(APP_ARMOR_ANNOTATION_PREFIX)) {
      validateAppArmorAnnotation(key, value, spec, path.key(key), errors);
    }
  }
}

/** Decimal without a plus sign or leading zeros, as the readers of the annotation parse it. */
function isInt32(text: string): boolean {
  return /^(?:0|[1-9]\d*|-\d+)$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31;
}

function validateTolerationsAnnotation(text: string, path: FieldPath, errors: FieldError[]): void {
  const parsed = parseJsonText(text, '[]v1.Toleration');
  if ('problem' in parsed) errors.push(invalidValue(path, TOLERATIONS_ANNOTATION, parsed.problem));
  else {
    const tolerations = ((parsed.value ?? []) as (Toleration | null)[]).map((each) => each ?? {});
    validateTolerations(tolerations, path.child(TOLERATIONS_ANNOTATION), errors);
  }
}

function validateSeccompAnnotation(profile: string, path: FieldPath, errors: FieldError[]): void {
  if (SECCOMP_DEFAULTS.includes(profile) || profile === 'unconfined') return;
  if (profile.startsWith(LOCALHOST_PREFIX)) {
    validateDescendingPath(profile.slice(LOCALHOST_PREFIX.length), path, errors);
  } else errors.push(invalidValue(path, profile, 'must be a valid seccomp profile'));
}

function validateAppArmorAnnotation(
  key: string,
  profile: string,
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  const name = key.slice(APP_ARMOR_ANNOTATION_PREFIX.length);
  let found = false;
  visitContainers(spec, path, (container) => (found ||= container.name === name));
  if (!found) errors.push(invalidValue(path, name, 'container not found'));
  if (!['', 'runtime/default', 'unconfined'].includes(profile) && !profile.startsWith(LOCALHOST_PREFIX)) {
    errors.push(invalidValue(path, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`));
  }
}

/** A seccomp annotation beside its field must say the same. */
export function validateSeccompMatches(
  annotations: Annotations,
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (annotations === undefined) return;
  const ofPod = annotations[SECCOMP_POD_ANNOTATION];
  const profile = spec.securityContext?.seccompProfile;
  if (ofPod !== undefined && profile) {
    validateMatch('seccomp', ofPod, profile, SECCOMP_DEFAULTS, path.child('securityContext', 'seccompProfile'), errors);
  }
  visitContainers(spec, path, (container, at) => {
    const own = container.securityContext?.seccompProfile;
    const text = annotations[SECCOMP_CONTAINER_ANNOTATION_PREFIX + container.name];
    if (own === undefined || text === undefined) return;
    validateMatch('seccomp', text, own, SECCOMP_DEFAULTS, at.child('securityContext', 'seccompProfile'), errors);
  });
}

/** And so must an AppArmor annotation, whose field may also be the pod's. */
export function validateAppArmorMatches(
  annotations: Annotations,
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (annotations === undefined || spec.os?.name === 'windows') return;
  visitContainers(spec, path, (container, at) => {
    const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const text = annotations[APP_ARMOR_ANNOTATION_PREFIX + container.name];
    if (profile === undefined || text === undefined) return;
    validateMatch(
      'apparmor',
      text,
      profile,
      ['runtime/default'],
      at.child('securityContext', 'appArmorProfile'),
      errors,
    );
  });
}

function validateMatch(
  what: string,
  text: string,
  { type, localhostProfile }: SeccompProfile | AppArmorProfile,
  defaults: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const sameType =
    (type === 'Unconfined' && text === 'unconfined') ||
    (type === 'RuntimeDefault' && defaults.includes(text)) ||
    (type === 'Localhost' && text.startsWith(LOCALHOST_PREFIX));
  const known = type === 'Unconfined' || type === 'RuntimeDefault' || type === 'Localhost';
  if (known && !sameType) {
    errors.push(forbiddenField(path.child('type'), `${what} type in annotation and field must match`));
  } else if (type === 'Localhost' && text.slice(LOCALHOST_PREFIX.length) !== localhostProfile) {
    errors.push(forbiddenField(path.child('localhostProfile'), `${what} profile in annotation and field must match`));
  }
}
