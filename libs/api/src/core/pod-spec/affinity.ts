import {
  type FieldError,
  type FieldPath,
  invalidValue,
  nameIsDNSLabel,
  required,
  validateLabelName,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { Affinity, NodeAffinity, PodAffinity, PodAffinityTerm } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';
import { validateMatchLabelKeys } from './match-label-keys.ts';
import { validateNodeSelector, validateNodeSelectorTerm } from './node-selector.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

export function validateAffinity(affinity: Affinity, path: FieldPath, errors: FieldError[]): void {
  if (affinity.nodeAffinity) validateNodeAffinity(affinity.nodeAffinity, path.child('nodeAffinity'), errors);
  if (affinity.podAffinity) validatePodAffinity(affinity.podAffinity, path.child('podAffinity'), errors);
  if (affinity.podAntiAffinity) validatePodAffinity(affinity.podAntiAffinity, path.child('podAntiAffinity'), errors);
}

function validateNodeAffinity(affinity: NodeAffinity, path: FieldPath, errors: FieldError[]): void {
  const selector = affinity[REQUIRED];
  if (selector) validateNodeSelector(selector, path.child(REQUIRED), errors);
  (affinity[PREFERRED] ?? []).forEach((term, index) => {
    const at = path.child(PREFERRED).index(index);
    validateWeight(term.weight, at, errors);
    validateNodeSelectorTerm(term.preference ?? {}, at.child('preference'), errors, { anyLabelValue: true });
  });
}

function validatePodAffinity(affinity: PodAffinity, path: FieldPath, errors: FieldError[]): void {
  (affinity[REQUIRED] ?? []).forEach((term, index) => {
    validatePodAffinityTerm(term, path.child(REQUIRED).index(index), errors);
  });
  (affinity[PREFERRED] ?? []).forEach((term, index) => {
    const at = path.child(PREFERRED).index(index);
    validateWeight(term.weight, at, errors);
    validatePodAffinityTerm(term.podAffinityTerm, at.child('podAffinityTerm'), errors);
  });
}

function validateWeight(weight: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (weight !== undefined && weight > 0 && weight <= 100) return;
  errors.push(invalidValue(path.child('weight'), weight ?? 0, 'must be in the range 1-100'));
}

function validatePodAffinityTerm(term: PodAffinityTerm, path: FieldPath, errors: FieldError[]): void {
  if (term.labelSelector) errors.push(...validateLabelSelector(term.labelSelector, path.child('labelSelector')));
  if (term.namespaceSelector) {
    errors.push(...validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector')));
  }
  for (const namespace of term.namespaces ?? []) {
    pushInvalid(errors, path.child('namespace'), namespace, nameIsDNSLabel(namespace, false));
  }
  validateMatchLabelKeys(term, path, errors);
  const key = term.topologyKey ?? '';
  if (!key) errors.push(required(path.child('topologyKey'), 'can not be empty'));
  errors.push(...validateLabelName(key, path.child('topologyKey')));
}
