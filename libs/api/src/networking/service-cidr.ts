import {
  type FieldError,
  fieldPath,
  invalidValue,
  parseCidr,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { ServiceCIDR } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { canonicalCidrProblems } from './canonical-address.ts';

const CIDRS = fieldPath('spec', 'cidrs');

/** A range that cluster IPs are taken from. */
export const serviceCIDR: KindBehaviour<ServiceCIDR> = {
  group: 'networking.k8s.io',
  kind: 'ServiceCIDR',
  columns: [nameColumn, column<ServiceCIDR>('CIDRs', ({ spec }) => (spec.cidrs ?? []).join(',')), ageColumn],
  strategy: {
    validate: validateRanges,
    validateUpdate: (next: ServiceCIDR, old: ServiceCIDR) =>
      validateImmutableField(next.spec.cidrs ?? [], old.spec.cidrs ?? [], CIDRS),
    allowUnconditionalUpdate: true,
  },
  // Its controller's condition has no reason, so conditions are not validated, as upstream.
  subresources: { status: { strategy: {} } },
};

/** One range of each family. */
function validateRanges({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec.cidrs ?? [];
  if (cidrs.length === 0) return [required(CIDRS, 'at least one CIDR required')];
  const shown = { CIDRs: cidrs };
  if (cidrs.length > 2) return [invalidValue(CIDRS, shown, 'may only hold up to 2 values')];
  const families = cidrs.map((cidr) => parseCidr(cidr)?.address.version);
  if (cidrs.length === 2 && (families.includes(undefined) || families[0] === families[1])) {
    const problem = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    return [invalidValue(CIDRS, shown, problem)];
  }
  const errors: FieldError[] = [];
  cidrs.forEach((cidr, index) => pushInvalid(errors, CIDRS.index(index), cidr, canonicalCidrProblems(cidr)));
  return errors;
}
