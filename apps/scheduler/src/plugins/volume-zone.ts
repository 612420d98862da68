import type { Node, PersistentVolume } from '@pilothouse/api';
import { Action } from '../framework/cluster-event.ts';
import { stateKey } from '../framework/cycle-state.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { SKIP, unresolvable } from '../framework/status.ts';

const REFUSED = unresolvable('node(s) had no available volume zone');

/** Each label with the older name that means the same. */
const ZONE_LABELS: Readonly<Record<string, string>> = {
  'topology.kubernetes.io/zone': 'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};

interface ZoneRequirement {
  readonly label: string;
  readonly values: ReadonlySet<string>;
}

const zonesKey = stateKey<readonly ZoneRequirement[]>('PreFilterVolumeZone');

/** Keeps a pod in the zones and regions that its bound volumes are labelled with. */
export const volumeZone: PluginFactory = {
  name: 'VolumeZone',
  build: (_args, { listers }) => ({
    name: 'VolumeZone',
    preFilter(state, pod) {
      const requirements = pod.claimKeys.flatMap((key) => {
        const volumeName = listers.persistentVolumeClaims.get(key)?.spec?.volumeName;
        const volume = volumeName && listers.persistentVolumes.get(volumeName);
        return volume ? zonesOf(volume) : [];
      });
      if (requirements.length === 0) return { status: SKIP };
      state.write(zonesKey, requirements);
      return undefined;
    },
    filter(state, _pod, { node }) {
      // A cluster without any zone labels is not spread over zones, whatever its volumes say.
      if (!Object.keys(ZONE_LABELS).some((label) => node.metadata.labels?.[label] !== undefined)) return undefined;
      return state.mustRead(zonesKey).every((requirement) => isIn(node, requirement)) ? undefined : REFUSED;
    },
    events: [
      { resource: 'StorageClass', actions: Action.Add },
      { resource: 'Node', actions: Action.Add | Action.UpdateNodeLabel },
      { resource: 'PersistentVolumeClaim', actions: Action.Add | Action.Update },
      { resource: 'PersistentVolume', actions: Action.Add | Action.Update },
    ],
  }),
};

/** A label may name several zones, joined by `__`. */
function zonesOf(volume: PersistentVolume): ZoneRequirement[] {
  const requirements: ZoneRequirement[] = [];
  for (const label of Object.keys(ZONE_LABELS)) {
    const value = volume.metadata.labels?.[label];
    if (value !== undefined) requirements.push({ label, values: new Set(value.split('__')) });
  }
  return requirements;
}

function isIn(node: Node, { label, values }: ZoneRequirement): boolean {
  const value = node.metadata.labels?.[label] ?? node.metadata.labels?.[ZONE_LABELS[label]!];
  return value !== undefined && values.has(value);
}
