import { deepEqual, forbidden } from '@pilothouse/apimachinery';
import type { Pod, RuntimeClass } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

/** A pod's runtime class brings its overhead and its scheduling. https://kubernetes.io/docs/concepts/containers/runtime-class/ */
export function runtimeClass(classes: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    operations: ['CREATE'],
    async mutate(attributes) {
      const found = await classOf(classes, attributes);
      if (!found) return;
      const spec = (attributes.object as Pod).spec!;
      if (found.overhead?.podFixed && spec.overhead === undefined) spec.overhead = { ...found.overhead.podFixed };
      const { nodeSelector, tolerations } = found.scheduling ?? {};
      for (const [key, value] of Object.entries(nodeSelector ?? {})) {
        const own = spec.nodeSelector?.[key];
        if (own !== undefined && own !== value) {
          throw refusal(
            attributes,
            `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
          );
        }
      }
      if (nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
      const missing = (tolerations ?? []).filter((each) => !spec.tolerations?.some((own) => deepEqual(own, each)));
      if (missing.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...missing];
    },
    async validate(attributes) {
      const { overhead } = (isPod(attributes) && (attributes.object as Pod).spec) || {};
      if (overhead === undefined || Object.keys(overhead).length === 0) return;
      const found = await classOf(classes, attributes);
      if (!found?.overhead?.podFixed)
        throw refusal(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
      if (!deepEqual(overhead, found.overhead.podFixed)) {
        throw refusal(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
      }
    },
  };
}

function isPod({ definition, subresource }: AdmissionAttributes): boolean {
  return definition.group === '' && definition.resource === 'pods' && subresource === '';
}

async function classOf(classes: ObjectRegistry, attributes: AdmissionAttributes): Promise<RuntimeClass | undefined> {
  if (!isPod(attributes)) return undefined;
  const name = (attributes.object as Pod).spec?.runtimeClassName;
  if (!name) return undefined;
  const key = { namespace: '', name };
  const found = (await classes.peek(key)) ?? (await classes.get(key).catch(() => undefined));
  if (found) return found.object as RuntimeClass;
  throw refusal(attributes, `pod rejected: RuntimeClass "${name}" not found`);
}

function refusal({ definition, name }: AdmissionAttributes, why: string) {
  return forbidden(definition, name, why);
}
