import { duplicate, type FieldError, fieldPath, invalidValue, notSupported, required } from '@pilothouse/apimachinery';
import type { ServiceSpec } from '@pilothouse/api';
import { ipFamily, validateLegacyIp } from '../validation/ip-address.ts';
import { isHeadless } from './service-type.ts';

const CLUSTER_IPS = fieldPath('spec', 'clusterIPs');
const FAMILIES_PATH = fieldPath('spec', 'ipFamilies');
const POLICY_PATH = fieldPath('spec', 'ipFamilyPolicy');
const FAMILIES = ['IPv4', 'IPv6'];
const ONCE_SET = 'may not change once set';
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
  if (headless && isHeadless(old)) return;
  const ips = spec.clusterIPs ?? null;
  const [next, previous] = [spec.clusterIPs ?? [], old.clusterIPs ?? []];
  if (next.length === previous.length) {
    previous.forEach((ip, index) => {
      if (ip !== next[index]) errors.push(invalidValue(CLUSTER_IPS.index(index), ips, ONCE_SET));
    });
  } else {
    if (next.length === 0) errors.push(invalidValue(CLUSTER_IPS.index(0), ips, 'primary clusterIP can not be unset'));
    else if (previous.length > 0 && next[0] !== previous[0]) {
      errors.push(invalidValue(CLUSTER_IPS.index(0), ips, ONCE_SET));
    }
    if (previous.length > next.length) validateRelease(spec, next.length, 'clusterIP', errors);
  }
  if (!headless && !isHeadless(old)) validateFamiliesUpdate(spec, old, errors);
}

/** Shows the addresses where it means the families, as upstream does. */
function validateFamiliesUpdate(spec: ServiceSpec, old: ServiceSpec, errors: FieldError[]): void {
  const [next, previous] = [spec.ipFamilies ?? [], old.ipFamilies ?? []];
  const first = FAMILIES_PATH.index(0);
  if (next.length === previous.length) {
    previous.forEach((family, index) => {
      if (family !== next[index]) errors.push(invalidValue(first, spec.ipFamilies ?? null, ONCE_SET));
    });
    return;
  }
  if (previous.length > next.length && !spec.clusterIPs?.length) {
    errors.push(invalidValue(first, spec.ipFamilies ?? null, 'primary ipFamily can not be unset'));
  }
  if (next.length > 0 && previous.length > 0 && next[0] !== previous[0]) {
    errors.push(invalidValue(first, spec.clusterIPs ?? null, ONCE_SET));
  }
  if (previous.length > next.length) validateRelease(spec, next.length, 'ipFamily', errors);
}

function validateRelease(spec: ServiceSpec, left: number, what: string, errors: FieldError[]): void {
  if (left !== 1 || spec.ipFamilyPolicy === 'SingleStack') return;
  const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  errors.push(invalidValue(POLICY_PATH, spec.ipFamilyPolicy, detail));
}
