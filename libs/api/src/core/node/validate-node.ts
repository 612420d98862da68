import {
  duplicate,
  FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  internalFieldError,
  invalidValue,
  isLabelValue,
  parseCidr,
  required,
  validateLabelName,
} from '@pilothouse/apimachinery';
import type { Node, Taint } from '@pilothouse/api';
import { validateTaintEffect } from '../pod-spec/tolerations.ts';
import { validateResourceQuantity } from '../resources/validate-quantity.ts';
import { ipFamily, validateLegacyCidr } from '../validation/ip-address.ts';
import { internalForm, type InternalFields } from '../validation/internal-form.ts';
import { parseJsonText } from '../validation/json-text.ts';
import { validatePositive } from '../validation/numbers.ts';

const STATUS = fieldPath('status');
const POD_CIDRS = fieldPath('spec', 'podCIDRs');
/** Upstream says `metadata` where it means `spec`. */
const TAINTS = fieldPath('metadata', 'taints');
const ANNOTATIONS = fieldPath('metadata', 'annotations');
const TAINTS_ANNOTATION = 'scheduler.alpha.kubernetes.io/taints';
const AVOID_PODS_ANNOTATION = 'scheduler.alpha.kubernetes.io/preferAvoidPods';
const ADDRESS_FIELDS: InternalFields = { Type: ['type', ''], Address: ['address', ''] };
const TAINT_FIELDS: InternalFields = {
  Key: ['key', ''],
  Value: ['value', ''],
  Effect: ['effect', ''],
  TimeAdded: ['timeAdded', null],
};
const FEATURE = /^[A-Z][a-zA-Z0-9]*(?:\/[a-zA-Z0-9]+)*$/;

/** v1 AvoidPods, which exists only inside an annotation. */
interface AvoidPods {
  readonly preferAvoidPods?: readonly ({
    readonly podSignature?: { readonly podController?: { readonly controller?: boolean } };
  } | null)[];
}

export function validateNode(node: Node): FieldError[] {
  const errors: FieldError[] = [];
  validateNodeAnnotations(node.metadata.annotations ?? {}, errors);
  validateTaints(node.spec?.taints ?? [], TAINTS, errors);
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
  validateNodeAnnotations(node.metadata.annotations ?? {}, errors);
  validateResources(node, errors);
  validateFeatures(node.status?.declaredFeatures ?? [], STATUS.child('declaredFeatures'), errors);
  const addresses = new Set<string>();
  node.status?.addresses?.forEach((address, index) => {
    const key = `${address.type}/${address.address}`;
    if (addresses.has(key)) {
      errors.push(duplicate(STATUS.child('addresses').index(index), internalForm(address, ADDRESS_FIELDS)));
    }
    addresses.add(key);
  });
  validatePodCidrsUpdate(node.spec?.podCIDRs ?? [], old.spec?.podCIDRs ?? [], errors);
  if (old.spec?.providerID && old.spec.providerID !== node.spec?.providerID) {
    const detail = 'node updates may not change providerID except from "" to valid';
    errors.push(forbiddenField(fieldPath('spec', 'providerID'), detail));
  }
  validateTaints(node.spec?.taints ?? [], TAINTS, errors);
  if ((node.spec?.externalID ?? '') !== (old.spec?.externalID ?? '')) {
    errors.push(forbiddenField(fieldPath('spec', 'externalID'), 'may not be updated'));
  }
  return errors;
}

/** One taint of a key for each effect. */
function validateTaints(taints: readonly Taint[], path: FieldPath, errors: FieldError[]): void {
  const seen = new Set<string>();
  taints.forEach((taint, index) => {
    const at = path.index(index);
    const { key = '', value = '', effect = '' } = taint;
    errors.push(...validateLabelName(key, at.child('key')));
    const messages = isLabelValue(value);
    if (messages.length > 0) errors.push(invalidValue(at.child('value'), value, messages.join(';')));
    validateTaintEffect(effect, at.child('effect'), errors);
    const pair = `${key}:${effect}`;
    if (seen.has(pair)) {
      errors.push(
        new FieldError(
          'FieldValueDuplicate',
          at.text,
          internalForm(taint, TAINT_FIELDS),
          'taints must be unique by key and effect pair',
        ),
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
  const unknown = cidrs.findIndex((cidr) => parseCidr(cidr) === undefined);
  if (unknown >= 0) {
    const cause = `invalid CIDR[${unknown}]: <nil> (invalid CIDR address: ${cidrs[unknown]})`;
    errors.push(internalFieldError(POD_CIDRS, `invalid PodCIDRs. failed to check with dual stack with error:${cause}`));
  }
  const families = new Set(cidrs.map((cidr) => ipFamily(cidr.split('/', 1)[0] ?? '')));
  if (cidrs.length > 2 || unknown >= 0 || families.size !== 2) {
    errors.push(invalidValue(POD_CIDRS, cidrs, 'may specify no more than one CIDR for each IP family'));
  }
}

/** Once for each that changed, or once when there are more or fewer. */
function validatePodCidrsUpdate(cidrs: readonly string[], old: readonly string[], errors: FieldError[]): void {
  if (old.length === 0) return;
  const changes = cidrs.length === old.length ? old.filter((cidr, index) => cidr !== cidrs[index]).length : 1;
  for (let i = 0; i < changes; i++) {
    errors.push(forbiddenField(POD_CIDRS, 'node updates may not change podCIDR except from "" to valid'));
  }
}

/** Annotations that were fields-to-be, and still must make sense. */
function validateNodeAnnotations(annotations: Readonly<Record<string, string>>, errors: FieldError[]): void {
  const [taints, avoid] = [annotations[TAINTS_ANNOTATION], annotations[AVOID_PODS_ANNOTATION]];
  if (taints) {
    const parsed = parseJsonText(taints, '[]v1.Taint');
    if ('problem' in parsed) errors.push(invalidValue(ANNOTATIONS, TAINTS_ANNOTATION, parsed.problem));
    else {
      const list = ((parsed.value ?? []) as (Taint | null)[]).map((taint) => taint ?? ({} as Taint));
      validateTaints(list, ANNOTATIONS.child(TAINTS_ANNOTATION), errors);
    }
  }
  if (!avoid) return;
  const parsed = parseJsonText(avoid, 'v1.AvoidPods');
  if ('problem' in parsed) {
    errors.push(invalidValue(ANNOTATIONS.child('AvoidPods'), AVOID_PODS_ANNOTATION, parsed.problem));
    return;
  }
  ((parsed.value ?? {}) as AvoidPods).preferAvoidPods?.forEach((entry, index) => {
    const at = ANNOTATIONS.child(AVOID_PODS_ANNOTATION).index(index).child('PodSignature');
    const controller = entry?.podSignature?.podController;
    if (!controller) errors.push(required(at));
    else if (controller.controller === false) {
      errors.push(invalidValue(at.child('PodController', 'Controller'), false, 'must point to a controller'));
    }
  });
}
