import { type FieldError, fieldPath, invalidValue, isDNS1123Subdomain, parseIp } from '@pilothouse/apimachinery';
import type { Ingress } from '@pilothouse/api';
import { validateLegacyIp } from '../core/validation/ip-address.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, NONE } from '../printing/index.ts';
import { validateIngressSpec } from './validate-ingress-spec.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const SHOWN_HOSTS = 3;

export const ingress: KindBehaviour<Ingress> = {
  group: 'networking.k8s.io',
  kind: 'Ingress',
  storagePrefix: 'ingress',
  columns: [
    nameColumn,
    column<Ingress>('Class', ({ spec }) => spec.ingressClassName ?? NONE),
    column<Ingress>('Hosts', hostsCell),
    column<Ingress>('Address', addressCell),
    column<Ingress>('Ports', ({ spec }) => (spec.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
  strategy: {
    validate: (each: Ingress) => [...validateIngressSpec(each.spec), ...validateClassAnnotation(each)],
    validateUpdate: (next: Ingress, old: Ingress) => validateIngressSpec(next.spec, old.spec),
    warnings: (each: Ingress, old: Ingress | undefined) =>
      old === undefined && each.metadata.annotations?.[CLASS_ANNOTATION] !== undefined
        ? [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`]
        : [],
    tracksGeneration: true,
  },
  subresources: { status: { strategy: { validateUpdate: validateStatusUpdate } } },
};

function hostsCell({ spec: { rules = [] } }: Ingress): string {
  const hosts: string[] = [];
  for (const { host } of rules) {
    if (hosts.length === SHOWN_HOSTS) return `${hosts.join(',')} + ${rules.length - SHOWN_HOSTS} more...`;
    if (host) hosts.push(host);
  }
  return hosts.length > 0 ? hosts.join(',') : '*';
}

function addressCell({ status }: Ingress): string {
  const addresses = (status?.loadBalancer?.ingress ?? [])
    .map(({ ip, hostname }) => ip || hostname || '')
    .filter(Boolean);
  return [...new Set(addresses)].sort().join(',');
}

/** The annotation is how classes were chosen before there was a field. */
function validateClassAnnotation({ metadata, spec }: Ingress): FieldError[] {
  const value = metadata.annotations?.[CLASS_ANNOTATION];
  if (value === undefined || spec.ingressClassName === undefined || value === spec.ingressClassName) return [];
  return [
    invalidValue(
      fieldPath('annotations', CLASS_ANNOTATION),
      value,
      'must match `ingressClassName` when both are specified',
    ),
  ];
}

function validateStatusUpdate({ status }: Ingress, old: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  const before = (old.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
  status?.loadBalancer?.ingress?.forEach(({ ip, hostname }, index) => {
    const at = fieldPath('status', 'loadBalancer', 'ingress').index(index);
    if (ip) validateLegacyIp(ip, at.child('ip'), errors, before);
    if (!hostname) return;
    pushInvalid(errors, at.child('hostname'), hostname, isDNS1123Subdomain(hostname));
    if (parseIp(hostname))
      errors.push(invalidValue(at.child('hostname'), hostname, 'must be a DNS name, not an IP address'));
  });
  return errors;
}
