import { ensureObject } from '../../bootstrap/ensure-object.ts';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionPlugin } from '../chain.ts';

/**
 * Makes the namespace that something is created in, unless it is there.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespaceautoprovision
 */
export function namespaceAutoProvision(namespaces: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'NamespaceAutoProvision',
    operations: ['CREATE'],
    async mutate({ definition, namespace, dryRun, now }) {
      if (!definition.namespaced || namespace === '' || dryRun) return;
      await ensureObject(namespaces, { kind: 'Namespace', apiVersion: 'v1', metadata: { name: namespace } }, now);
    },
  };
}
