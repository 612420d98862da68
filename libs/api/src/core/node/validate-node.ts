import {
  deepEqual,
  duplicate,
  FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isLabelValue,
  validateLabelName,
} from '@pilothouse/apimachinery';
import type { Node, Taint } from '@pilothouse/api';
import { validateTaintEffect } from '../pod-spec/tolerations.ts';
import { validateResourceQuantity } from '../resources/validate-quantity.ts';
import { ipFamily, validateLegacyCidr } from '../validation/ip-address.ts';
import { validatePositive } from '../validation/numbers.ts';

const STATUS = fieldPath('status');
const POD_CIDRS = fieldPath('spec', 'podCIDRs');
/** Upstream says `metadata` where it means `spec`. */
const TAINTS = fieldPath('metadata', 'taints');
const FEATURE = /^[A-Z][a-zA-Z0-9]*(?:\/[a-zA-Z0-9]+)*$/;

export function validateNode(node: Node): FieldError[] {
  const errors: FieldError[] = [];
  validateTaints(node.spec?.taints ?? [], errors);
  validateResources(node, errors);
  const swap = node.status?.nodeInfo?.swap?.capacity;
  if (swap !== undefined) validatePositive(swap, fieldPath('metadata', 'nodeSwapStatus', 'capacity'), errors);
  validateFeatures(node.status?.declaredFeatures ?? [], STATUS.child('declaredFeatures'), errors);
  validatePodCidrs(node.spec?.podCIDRs ?? [], errors);
  return errors;
}

/** Where a node is in the network, and which machine it is, cannot change once known. */
export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors: FieldError[] = [];
  validateResources(node, errors);
  validateFeatures(node.status?.declaredFeatures ?? [], STATUS.child('declaredFeatures'), errors);
  const addresses = new Set<string>();
  node.status?.addresses?.forEach((address, index) => {
    const key = `${address.type}/${address.address}`;
    if (addresses.has(key)) errors.push(duplicate(STATUS.child('addresses').index(index), address));
    addresses.add(key);
  });
  if (old.spec?.podCIDRs?.length && !deepEqual(old.spec.podCIDRs, node.spec?.podCIDRs)) {
    errors.push(forbiddenField(POD_CIDRS, 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.spec?.providerID && old.spec.providerID !== node.spec?.providerID) {
    const detail = 'node updates may not change providerID except from "" to valid';
    errors.push(forbiddenField(fieldPath('spec', 'providerID'), detail));
  }
  validateTaints(node.spec?.taints ?? [], errors);
  if ((node.spec?.externalID ?? '') !== (old.spec?.externalID ?? '')) {
    errors.push(forbiddenField(fieldPath('spec', 'externalID'), 'may not be updated'));
  }
  return errors;
}

/** One taint of a key for each effect. */
function validateTaints(taints: readonly Taint[], errors: FieldError[]): void {
  const seen = new Set<string>();
  taints.forEach((taint, index) => {
    const at = TAINTS.index(index);
    const { key, value = '', effect } = taint;
    errors.push(...validateLabelName(key, at.child('key')));
    const messages = isLabelValue(value);
    if (messages.length > 0) errors.push(invalidValue(at.child('value'), value, messages.join(';')));
    validateTaintEffect(effect, at.child('effect'), errors);
    const pair = `${key}:${effect}`;
    if (seen.has(pair)) {
      errors.push(
        new FieldError('FieldValueDuplicate', at.text, taint, 'taints must be unique by key and effect pair'),
      );
    }
    seen.add(pair);
  });
}

function validateResources({ status }: Node, errors: FieldError[]): void {
  for (const list of ['capacity', 'allocatable'] as const) {
    for (const [name, amount] of Object.entries(status?.[list] ?? {})) {
      validateResourceQuantity(name, amount, STATUS.child(list, name), errors);
    }
  }
}

/** What the kubelet says it can do (KEP-5328), sorted, each once. */
function validateFeatures(features: readonly string[], path: FieldPath, errors: FieldError[]): void {
  features.forEach((feature, index) => {
    if (feature.length > 253) {
      const detail = `invalid feature name ${JSON.stringify(feature)}: must be no more than 253 characters`;
      errors.push(invalidValue(path.index(index), feature, detail));
    } else if (!FEATURE.test(feature)) {
      const detail = `invalid feature name ${JSON.stringify(feature)}: must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`;
      errors.push(invalidValue(path.index(index), feature, detail));
    }
    const next = features[index + 1];
    if (next === undefined) return;
    if (feature === next) errors.push(duplicate(path.index(index + 1), next));
    else if (feature > next)
      errors.push(invalidValue(path.index(index + 1), next, 'list must be sorted alphabetically'));
  });
}

function validatePodCidrs(cidrs: readonly string[], errors: FieldError[]): void {
  cidrs.forEach((cidr, index) => validateLegacyCidr(cidr, POD_CIDRS.index(index), errors));
  if (cidrs.length <= 1) return;
  const families = new Set(cidrs.map((cidr) => ipFamily(cidr.split('/', 1)[0] ?? '')));
  if (cidrs.length > 2 || families.size !== 2) {
    errors.push(invalidValue(POD_CIDRS, cidrs, 'may specify no more than one CIDR for each IP family'));
  }
}
