import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionPlugin } from '../chain.ts';

/**
 * Refuses every write in a namespace that does not exist, updates and deletes too.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespaceexists
 */
export function namespaceExists(namespaces: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'NamespaceExists',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    async validate({ definition, namespace }) {
      if (!definition.namespaced || namespace === '') return;
      const key = { namespace: '', name: namespace };
      // The cache may not know it yet.
      if (!(await namespaces.peek(key))) await namespaces.get(key);
    },
  };
}
