import { isAlreadyExists } from '@pilothouse/apimachinery';
import type { Resources } from '../registry/resources.ts';
import { systemContext } from './system-context.ts';

/** Namespaces that every cluster has; made again when somebody deletes one. */
const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export async function ensureSystemNamespaces(resources: Resources, now: Date): Promise<void> {
  const { registry } = resources.get('', 'namespaces');
  for (const name of SYSTEM_NAMESPACES) {
    if (await registry.peek({ namespace: '', name })) continue;
    try {
      await registry.create({ kind: 'Namespace', apiVersion: 'v1', metadata: { name } }, systemContext(now));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}
