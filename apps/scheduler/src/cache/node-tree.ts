import type { NodeInfo } from './node-info.ts';

const ZONE_LABELS = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];
const REGION_LABELS = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'];

/** `<region>:<zone>`, empty for a node without either. */
export function zoneKey(labels: Readonly<Record<string, string>>): string {
  const first = (names: readonly string[]) => names.map((name) => labels[name]).find((value) => value) ?? '';
  const [region, zone] = [first(REGION_LABELS), first(ZONE_LABELS)];
  return region || zone ? `${region}:${zone}` : '';
}

/**
 * Orders nodes zone by zone in turn, so that however few of many nodes are looked at, they are of all zones:
 * the first of each zone, then the second of each, and so on.
 */
export function interleaveZones(nodes: Iterable<NodeInfo>): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const key = zoneKey(node.labels);
    const zone = zones.get(key);
    if (zone) zone.push(node);
    else zones.set(key, [node]);
  }
  const ordered: NodeInfo[] = [];
  const rows = [...zones.values()];
  for (let i = 0; rows.some((zone) => i < zone.length); i++) {
    for (const zone of rows) if (i < zone.length) ordered.push(zone[i]!);
  }
  return ordered;
}
