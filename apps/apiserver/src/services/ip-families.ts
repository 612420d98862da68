import { fieldPath, invalidValue, type FieldError } from '@pilothouse/apimachinery';
import { isHeadless, needsClusterIp, type Service, type ServiceSpec } from '@pilothouse/api';
import { familyOf, type IpFamily } from './ip-range.ts';

export const NONE = 'None';

/**
 * Fills `ipFamilyPolicy` and `ipFamilies` from what is given and what the cluster has, the default family first; returns
 * what is wrong with them. https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services
 */
export function fillIpFamilies(service: Service, cluster: readonly IpFamily[]): FieldError[] {
  const spec = service.spec!;
  if (!needsClusterIp(spec)) return [];
  const selectorless = Object.keys(spec.selector ?? {}).length === 0;
  if (isHeadless(spec) && selectorless) {
    fillHeadlessWithoutSelector(spec, cluster);
    return [];
  }
  const errors = checkFamilies(spec, cluster);
  if (errors.length > 0) return errors;
  const givenIps = (spec.clusterIPs ?? []).filter((ip) => ip !== NONE);
  if (!spec.ipFamilyPolicy) {
    const dual = givenIps.length === 2 || spec.ipFamilies?.length === 2;
    spec.ipFamilyPolicy = dual ? 'RequireDualStack' : 'SingleStack';
  }
  const families = [...(spec.ipFamilies ?? [])] as IpFamily[];
  givenIps.forEach((ip, i) => (families[i] ??= familyOf(ip) ?? cluster[0]!));
  if (families.length === 0) families.push(cluster[0]!);
  if (spec.ipFamilyPolicy !== 'SingleStack' && families.length < 2) {
    const other = cluster.find((family) => family !== families[0]);
    if (other) families.push(other);
  }
  spec.ipFamilies = families;
  return [];
}

function fillHeadlessWithoutSelector(spec: ServiceSpec, cluster: readonly IpFamily[]): void {
  spec.ipFamilyPolicy ||= 'RequireDualStack';
  if (spec.ipFamilies?.length) return;
  const first = cluster[0]!;
  const other: IpFamily = first === 'IPv4' ? 'IPv6' : 'IPv4';
  spec.ipFamilies = spec.ipFamilyPolicy === 'SingleStack' ? [first] : [first, other];
}

function checkFamilies(spec: ServiceSpec, cluster: readonly IpFamily[]): FieldError[] {
  const errors: FieldError[] = [];
  const path = fieldPath('spec');
  (spec.ipFamilies ?? []).forEach((family, i) => {
    if (!cluster.includes(family as IpFamily)) {
      errors.push(invalidValue(path.child('ipFamilies').index(i), family, 'not configured on this cluster'));
    }
  });
  if (spec.ipFamilyPolicy === 'RequireDualStack' && cluster.length < 2) {
    errors.push(
      invalidValue(
        path.child('ipFamilyPolicy'),
        spec.ipFamilyPolicy,
        'this cluster is not configured for dual-stack services',
      ),
    );
  }
  return errors;
}
