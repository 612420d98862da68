import { forbidden } from '@pilothouse/apimachinery';
import type { Pod, PriorityClass } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

/** Turns a pod's priority class into its priority, and keeps priority classes in order. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#priority */
export function priority(classes: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'Priority',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    async mutate(attributes) {
      const { definition, subresource, operation } = attributes;
      if (definition.group !== '' || definition.resource !== 'pods' || subresource !== '') return;
      if (operation === 'CREATE') await resolve(classes, attributes);
      else if (operation === 'UPDATE') keep(attributes.object as Pod, attributes.oldObject as Pod);
    },
    async validate(attributes) {
      const { definition, operation, object } = attributes;
      if (definition.group !== 'scheduling.k8s.io' || definition.resource !== 'priorityclasses') return;
      if (operation !== 'DELETE' && (object as PriorityClass).globalDefault) await onlyDefault(classes, attributes);
    },
  };
}

async function resolve(classes: ObjectRegistry, attributes: AdmissionAttributes): Promise<void> {
  const spec = (attributes.object as Pod).spec!;
  const name = spec.priorityClassName;
  const found = name ? await classOf(classes, attributes, name) : await defaultClass(classes);
  const value = found?.value ?? 0;
  if (spec.priority !== undefined && spec.priority !== value) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
    throw forbidden(attributes.definition, attributes.name, why);
  }
  if (found && !name) spec.priorityClassName = found.metadata?.name ?? '';
  spec.priority = value;
  const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (spec.preemptionPolicy && spec.preemptionPolicy !== policy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
    throw forbidden(attributes.definition, attributes.name, why);
  }
  spec.preemptionPolicy = policy;
}

async function classOf(classes: ObjectRegistry, attributes: AdmissionAttributes, name: string): Promise<PriorityClass> {
  const key = { namespace: '', name };
  const found = (await classes.peek(key)) ?? (await classes.get(key).catch(() => undefined));
  if (found) return found.object as PriorityClass;
  throw forbidden(attributes.definition, attributes.name, `no PriorityClass with name ${name} was found`);
}

/** Of several (which cannot be made, but may be left over) the lowest counts. */
async function defaultClass(classes: ObjectRegistry): Promise<PriorityClass | undefined> {
  const { items } = await classes.store.list({ namespace: '', resourceVersion: '0', unfiltered: true });
  const defaults = items.map(({ object }) => object as PriorityClass).filter(({ globalDefault }) => globalDefault);
  return defaults.sort((a, b) => a.value - b.value)[0];
}

/** An update that leaves priority out means to keep it. */
function keep(pod: Pod, old: Pod): void {
  if (pod.spec && pod.spec.priority === undefined) pod.spec.priority = old.spec?.priority;
  if (pod.spec && !pod.spec.preemptionPolicy) pod.spec.preemptionPolicy = old.spec?.preemptionPolicy;
}

async function onlyDefault(classes: ObjectRegistry, attributes: AdmissionAttributes): Promise<void> {
  const before = await defaultClass(classes);
  if (before === undefined || before.metadata?.name === attributes.name) return;
  const why = `PriorityClass ${before.metadata?.name} is already marked as default. Only one default can exist`;
  throw forbidden(attributes.definition, attributes.name, why);
}
