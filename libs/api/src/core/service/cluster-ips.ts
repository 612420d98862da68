import { duplicate, type FieldError, fieldPath, invalidValue, notSupported, required } from '@pilothouse/apimachinery';
import type { ServiceSpec } from '@pilothouse/api';
import { ipFamily, validateLegacyIp } from '../validation/ip-address.ts';
import { isHeadless } from './service-type.ts';

const CLUSTER_IPS = fieldPath('spec', 'clusterIPs');
const FAMILIES_PATH = fieldPath('spec', 'ipFamilies');
const POLICY_PATH = fieldPath('spec', 'ipFamilyPolicy');
const FAMILIES = ['IPv4', 'IPv6'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` describe one thing and must agree (KEP-563). */
export function validateClusterIps(spec: ServiceSpec, old: ServiceSpec | undefined, errors: FieldError[]): void {
  if (spec.type === 'ExternalName') return;
  const ips = spec.clusterIPs ?? [];
  if (spec.clusterIP) {
    if (ips.length === 0) errors.push(required(CLUSTER_IPS));
    else if (ips[0] !== spec.clusterIP) {
      errors.push(invalidValue(CLUSTER_IPS, ips, 'first value must match `clusterIP`'));
    }
  } else if (ips.length > 0) {
    errors.push(invalidValue(CLUSTER_IPS, ips, 'must be empty when `clusterIP` is not specified'));
  }
  const seen = new Set<string>();
  (spec.ipFamilies ?? []).forEach((family, index) => {
    const at = FAMILIES_PATH.index(index);
    if (!FAMILIES.includes(family)) errors.push(notSupported(at, family, FAMILIES));
    if (seen.has(family)) errors.push(duplicate(at, family));
    seen.add(family);
  });
  if (spec.ipFamilyPolicy !== undefined && !FAMILY_POLICIES.includes(spec.ipFamilyPolicy)) {
    errors.push(notSupported(POLICY_PATH, spec.ipFamilyPolicy, FAMILY_POLICIES));
  }
  if (validateAddresses(ips, old?.clusterIPs ?? [], errors)) validateFamilies(spec, ips, errors);
}

/** Returns whether all are addresses, so that it makes sense to look at their families. */
function validateAddresses(ips: readonly string[], old: readonly string[], errors: FieldError[]): boolean {
  let valid = true;
  ips.forEach((ip, index) => {
    const before = errors.length;
    if (index === 0 && ip === 'None') {
      if (ips.length > 1) errors.push(invalidValue(CLUSTER_IPS, ips, "'None' must be the first and only value"));
    } else validateLegacyIp(ip, CLUSTER_IPS.index(index), errors, old);
    if (errors.length > before) valid = false;
  });
  if (ips.length > 2) errors.push(invalidValue(CLUSTER_IPS, ips, 'may only hold up to 2 values'));
  return valid;
}

function validateFamilies(spec: ServiceSpec, ips: readonly string[], errors: FieldError[]): void {
  if (ips.length > 1 && new Set(ips.map(ipFamily)).size !== 2) {
    errors.push(invalidValue(CLUSTER_IPS, ips, 'may specify no more than one IP for each IP family'));
  }
  if (isHeadless(spec)) return;
  ips.forEach((ip, index) => {
    const expected = spec.ipFamilies?.[index];
    if (expected === undefined || !FAMILIES.includes(expected) || ipFamily(ip) === expected) return;
    const detail = `expected an ${expected} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalidValue(CLUSTER_IPS.index(index), ip, detail));
  });
}

/** The primary address and family are for life; a secondary one may come, and go with a return to SingleStack. */
export function validateClusterIpsUpdate(spec: ServiceSpec, old: ServiceSpec, errors: FieldError[]): void {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return;
  const headless = isHeadless(spec);
  if (!(headless && isHeadless(old))) {
    validateStable(spec, spec.clusterIPs ?? [], old.clusterIPs ?? [], 'clusterIP', errors);
  }
  if (!headless && !isHeadless(old)) {
    validateStable(spec, spec.ipFamilies ?? [], old.ipFamilies ?? [], 'ipFamily', errors);
  }
}

function validateStable(
  spec: ServiceSpec,
  next: readonly string[],
  old: readonly string[],
  what: 'clusterIP' | 'ipFamily',
  errors: FieldError[],
): void {
  const list = what === 'clusterIP' ? CLUSTER_IPS : FAMILIES_PATH;
  if (next.length === old.length) {
    old.forEach((value, index) => {
      if (value === next[index]) return;
      errors.push(invalidValue(list.index(what === 'clusterIP' ? index : 0), next, 'may not change once set'));
    });
    return;
  }
  if (next.length === 0) errors.push(invalidValue(list.index(0), next, `primary ${what} can not be unset`));
  else if (old.length > 0 && next[0] !== old[0]) {
    errors.push(invalidValue(list.index(0), next, 'may not change once set'));
  }
  if (next.length === 1 && old.length > 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`;
    errors.push(invalidValue(POLICY_PATH, spec.ipFamilyPolicy, detail));
  }
}
