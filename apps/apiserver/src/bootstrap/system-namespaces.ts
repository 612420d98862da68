import type { Resources } from '../registry/resources.ts';
import { ensureObject } from './ensure-object.ts';

/** Namespaces that every cluster has; made again when somebody deletes one. */
const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export async function ensureSystemNamespaces(resources: Resources, now: Date): Promise<void> {
  const { registry } = resources.get('', 'namespaces');
  for (const name of SYSTEM_NAMESPACES) {
    await ensureObject(registry, { kind: 'Namespace', apiVersion: 'v1', metadata: { name } }, now);
  }
}
