import type { Container, Pod } from '@pilothouse/api';
import { Quantity } from '@pilothouse/apimachinery';

export interface HostFacts {
  readonly nodeName: string;
  readonly hostIPs: readonly string[];
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The downward API. https://kubernetes.io/docs/concepts/workloads/pods/downward-api/ */
export function fieldRefValue(
  pod: Pod,
  fieldPath: string,
  podIPs: readonly string[],
  host: HostFacts,
): string | undefined {
  const { metadata, spec } = pod;
  const entry = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  if (entry) return metadata[entry[1] as 'labels' | 'annotations']?.[entry[2]!] ?? '';
  const format = (map: Record<string, string> = {}): string =>
    Object.entries(map)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join('\n');
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace;
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return format(metadata.labels);
    case 'metadata.annotations':
      return format(metadata.annotations);
    case 'spec.nodeName':
      return host.nodeName;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return host.hostIPs[0] ?? '';
    case 'status.hostIPs':
      return host.hostIPs.join(',');
    case 'status.podIP':
      return (spec.hostNetwork ? host.hostIPs : podIPs)[0] ?? '';
    case 'status.podIPs':
      return (spec.hostNetwork ? host.hostIPs : podIPs).join(',');
    default:
      return undefined;
  }
}

/** `limits.cpu` in units of the divisor, rounded up; what has no limit may use all of the node. */
export function resourceFieldValue(
  container: Container,
  resource: string,
  divisor: string | undefined,
  host: HostFacts,
): string | undefined {
  const match = /^(limits|requests)\.(.+)$/.exec(resource);
  if (!match) return undefined;
  const [, list, name] = match as unknown as [string, 'limits' | 'requests', string];
  const amount = container.resources?.[list]?.[name] ?? (list === 'limits' ? host.allocatable[name] : undefined) ?? '0';
  const unit = divisor && divisor !== '0' ? divisor : '1';
  return String(Math.ceil(amountOf(amount) / amountOf(unit)));
}

export function amountOf(quantity: string): number {
  return Quantity.parse(quantity).toNumber();
}
