import {
  type FieldError,
  fieldPath,
  invalidValue,
  notSupported,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { NetworkPolicy, NetworkPolicyPeer } from '@pilothouse/api';
import { cidrWarnings } from '../core/validation/ip-warnings.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, selectorCell } from '../printing/index.ts';
import { validatePeer, validatePolicyPort } from './network-policy-rules.ts';

const SPEC = fieldPath('spec');
const POLICY_TYPES = ['Ingress', 'Egress'];

export const networkPolicy: KindBehaviour<NetworkPolicy> = {
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  defaults: defaultPolicy,
  columns: [nameColumn, column<NetworkPolicy>('Pod-Selector', ({ spec }) => selectorCell(spec.podSelector)), ageColumn],
  strategy: {
    validate: (each: NetworkPolicy) => validatePolicy(each),
    validateUpdate: validatePolicy,
    updateChecks: ['metadata', 'update', 'metadataUpdate', 'update'],
    warnings: policyWarnings,
    tracksGeneration: true,
  },
};

function defaultPolicy({ spec }: NetworkPolicy): void {
  if (!spec) return;
  for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    for (const port of ports ?? []) port.protocol ??= 'TCP';
  // What has no egress rules says nothing about egress; what has must mean them.
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
}

function validatePolicy({ spec }: NetworkPolicy, old?: NetworkPolicy): FieldError[] {
  const errors: FieldError[] = [];
  const { podSelector, ingress = [], egress = [], policyTypes = [] } = spec;
  const options = {
    allowInvalidLabelValueInSelector: old !== undefined && validateLabelSelector(old.spec.podSelector, SPEC).length > 0,
  };
  const oldCidrs = old ? cidrsOf(old) : [];
  errors.push(...validateLabelSelector(podSelector, SPEC.child('podSelector'), options));
  ingress.forEach(({ ports = [], from = [] }, index) => {
    const at = SPEC.child('ingress').index(index);
    ports.forEach((port, position) => validatePolicyPort(port, at.child('ports').index(position), errors));
    from.forEach((peer, position) => validatePeer(peer, at.child('from').index(position), options, oldCidrs, errors));
  });
  egress.forEach(({ ports = [], to = [] }, index) => {
    const at = SPEC.child('egress').index(index);
    ports.forEach((port, position) => validatePolicyPort(port, at.child('ports').index(position), errors));
    to.forEach((peer, position) => validatePeer(peer, at.child('to').index(position), options, oldCidrs, errors));
  });
  const types = SPEC.child('policyTypes');
  if (policyTypes.length > POLICY_TYPES.length) {
    return [...errors, invalidValue(types, policyTypes, 'may not specify more than two policyTypes')];
  }
  policyTypes.forEach((type, index) => {
    if (!POLICY_TYPES.includes(type)) errors.push(notSupported(types.index(index), type, POLICY_TYPES));
  });
  return errors;
}

function cidrsOf({ spec }: NetworkPolicy): string[] {
  const blocks = (peers: readonly NetworkPolicyPeer[] | undefined) =>
    (peers ?? []).flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []));
  return [
    ...(spec.ingress ?? []).flatMap(({ from }) => blocks(from)),
    ...(spec.egress ?? []).flatMap(({ to }) => blocks(to)),
  ];
}

function policyWarnings({ spec }: NetworkPolicy): string[] {
  const warnings: string[] = [];
  const warnOf = (
    peers: readonly NetworkPolicyPeer[] | undefined,
    rules: 'ingress' | 'egress',
    at: number,
    field: 'from' | 'to',
  ): void =>
    peers?.forEach(({ ipBlock }, index) => {
      if (!ipBlock) return;
      const path = SPEC.child(rules).index(at).child(field).index(index).child('ipBlock');
      warnings.push(...cidrWarnings(ipBlock.cidr, path.child('cidr')));
      ipBlock.except?.forEach((cidr, position) =>
        warnings.push(...cidrWarnings(cidr, path.child('except').index(position))),
      );
    });
  spec.ingress?.forEach(({ from }, index) => warnOf(from, 'ingress', index, 'from'));
  spec.egress?.forEach(({ to }, index) => warnOf(to, 'egress', index, 'to'));
  return warnings;
}
