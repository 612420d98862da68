import type { PrinterColumn } from '@pilothouse/apimachinery';
import type { Service, ServicePort } from '@pilothouse/api';
import { ageColumn, column, labelsCell, nameColumn, NONE, UNKNOWN } from '../../printing/index.ts';

export const serviceColumns: readonly PrinterColumn[] = [
  nameColumn,
  column<Service>('Type', ({ spec }) => spec?.type ?? ''),
  column<Service>('Cluster-IP', ({ spec }) => spec?.clusterIPs?.[0] ?? NONE),
  column<Service>('External-IP', externalIpCell),
  column<Service>('Port(s)', ({ spec }) => portsCell(spec?.ports ?? [])),
  ageColumn,
  column<Service>('Selector', ({ spec }) => labelsCell(spec?.selector), { wide: true }),
];

function externalIpCell({ spec, status }: Service): string {
  const external = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external.length === 0 ? NONE : external.join(',');
    case 'LoadBalancer': {
      const balancer = new Set(
        (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []),
      );
      const all = [...[...balancer].sort(), ...external];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return UNKNOWN;
  }
}

/** `80/TCP,443:30443/TCP` */
function portsCell(ports: readonly ServicePort[]): string {
  if (ports.length === 0) return NONE;
  return ports.map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`).join(',');
}
