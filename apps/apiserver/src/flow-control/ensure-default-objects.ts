import type { FlowSchema, PriorityLevelConfiguration, PriorityLevelConfigurationSpec } from '@pilothouse/api';
import { deepEqual, isNotFound, storedVersion, type KubeObject } from '@pilothouse/apimachinery';
import type { Clock, Logger } from '@pilothouse/component';
import { ensureObject } from '../bootstrap/ensure-object.ts';
import { systemContext } from '../bootstrap/system-context.ts';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import type { Resources } from '../registry/resources.ts';
import { applyDefaults } from '../registry/storage-codec.ts';
import { DEFAULT_FLOW_SCHEMAS, DEFAULT_PRIORITY_LEVELS, type DefaultObject } from './default-objects.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#maintenance-of-the-mandatory-and-suggested-configuration-objects */
const AUTO_UPDATE = 'apf.kubernetes.io/autoupdate-spec';
const PERIOD_MS = 60_000;

type FlowObject = FlowSchema | PriorityLevelConfiguration;

/** Makes what is missing, undoes what was changed and may not be, and removes what an older release had and this has not. */
export async function ensureDefaultObjects(resources: Resources, now: Date): Promise<void> {
  await ensure(resources, 'prioritylevelconfigurations', 'PriorityLevelConfiguration', DEFAULT_PRIORITY_LEVELS, now);
  await ensure(resources, 'flowschemas', 'FlowSchema', DEFAULT_FLOW_SCHEMAS, now);
  await removeUnknown(resources, 'flowschemas', DEFAULT_FLOW_SCHEMAS, now);
  await removeUnknown(resources, 'prioritylevelconfigurations', DEFAULT_PRIORITY_LEVELS, now);
}

/** The same every minute, until what it returns is called. */
export function keepDefaultObjects(resources: Resources, clock: Clock, logger: Logger): () => void {
  let stopped = false;
  let cancel = clock.after(PERIOD_MS, run);
  return () => {
    stopped = true;
    cancel();
  };

  function run(): void {
    ensureDefaultObjects(resources, clock.now())
      .catch((error: unknown) => logger.warn({ err: error }, 'Could not maintain the default flow control objects'))
      .finally(() => {
        if (!stopped) cancel = clock.after(PERIOD_MS, run);
      });
  }
}

async function ensure(
  resources: Resources,
  resource: string,
  kind: string,
  defaults: readonly DefaultObject[],
  now: Date,
): Promise<void> {
  const { registry } = resources.get(GROUP, resource);
  await Promise.all(
    defaults.map(async ({ name, spec, mandatory }) => {
      const metadata = { name, annotations: { [AUTO_UPDATE]: 'true' } };
      const wanted = { kind, apiVersion: `${GROUP}/v1`, metadata, spec: structuredClone(spec) } as KubeObject;
      const key = { namespace: '', name };
      const current = (await registry.peek(key))?.object as FlowObject | undefined;
      if (!current) return ensureObject(registry, wanted, now);
      applyDefaults(storedVersion(registry.definition), wanted);
      if (planMaintenance(current, wanted as FlowObject, mandatory) === current) return;
      const produce = (stored: { object: KubeObject } | undefined) =>
        planMaintenance(stored!.object as FlowObject, wanted as FlowObject, mandatory) as KubeObject;
      await registry.update(key, produce, systemContext(now), { allowUnconditional: true }).catch(ignoreNotFound);
    }),
  );
}

/**
 * Pure: the object as it should be; the same one when it is so already. A suggested object whose annotation says so, or
 * that nobody has changed yet, follows what this release suggests.
 */
export function planMaintenance(current: FlowObject, wanted: FlowObject, mandatory: boolean): FlowObject {
  const updates = mandatory || followsUpdates(current);
  const spec = updates ? keepingExempt(current, wanted.spec) : current.spec;
  const annotated = parseBoolean(current.metadata.annotations?.[AUTO_UPDATE]) === updates;
  if (annotated && deepEqual(spec, current.spec)) return current;
  const annotations = { ...current.metadata.annotations, [AUTO_UPDATE]: String(updates) };
  return { ...current, metadata: { ...current.metadata, annotations }, spec } as FlowObject;
}

function followsUpdates({ metadata }: FlowObject): boolean {
  return parseBoolean(metadata.annotations?.[AUTO_UPDATE]) ?? metadata.generation === 1;
}

/** The shares of exempt traffic are for the administrator to choose. */
function keepingExempt(current: FlowObject, spec: FlowObject['spec']): FlowObject['spec'] {
  const { exempt } = current.spec as PriorityLevelConfigurationSpec;
  const wanted = structuredClone(spec);
  return exempt && 'exempt' in wanted ? { ...wanted, exempt } : wanted;
}

async function removeUnknown(
  resources: Resources,
  resource: string,
  defaults: readonly DefaultObject[],
  now: Date,
): Promise<void> {
  const { registry } = resources.get(GROUP, resource);
  const known = new Set(defaults.map(({ name }) => name));
  const { items } = await registry.store.list({ namespace: '', resourceVersion: '0' });
  for (const { object, key } of items) {
    if (known.has(key.name) || parseBoolean(object.metadata?.annotations?.[AUTO_UPDATE]) !== true) continue;
    await remove(registry, key.name, now);
  }
}

async function remove(registry: ObjectRegistry, name: string, now: Date): Promise<void> {
  await registry.delete({ namespace: '', name }, {}, systemContext(now)).catch(ignoreNotFound);
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** As Go's strconv.ParseBool reads it. */
function parseBoolean(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
}
