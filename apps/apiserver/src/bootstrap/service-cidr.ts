import type { ServiceCIDR } from '@pilothouse/api';
import type { Resources } from '../registry/resources.ts';
import { DEFAULT_SERVICE_CIDR } from '../services/service-ip-ranges.ts';
import { ensureObject } from './ensure-object.ts';

/** The default range of cluster IPs, as an object that people can read. */
export async function ensureServiceCidr(resources: Resources, cidrs: readonly string[], now: Date): Promise<void> {
  const object = {
    kind: 'ServiceCIDR',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: DEFAULT_SERVICE_CIDR },
    spec: { cidrs: [...cidrs] },
  };
  await ensureObject(resources.get('networking.k8s.io', 'servicecidrs').registry, object as ServiceCIDR, now);
}
