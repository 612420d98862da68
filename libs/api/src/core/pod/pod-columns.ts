import type { PrinterColumn } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import { ageColumn, column, nameColumn, NONE } from '../../printing/index.ts';
import { type PodSummary, summarizePod } from './summarize-pod.ts';

/** Three columns come from one walk through the pod; the printer asks for them one after the other. */
let latest: { readonly pod: Pod; readonly now: Date; readonly summary: PodSummary } | undefined;

function summaryOf(pod: Pod, now: Date): PodSummary {
  if (latest?.pod !== pod || latest.now !== now) latest = { pod, now, summary: summarizePod(pod, now) };
  return latest.summary;
}

export const podColumns: readonly PrinterColumn[] = [
  nameColumn,
  column<Pod>('Ready', (pod, now) => summaryOf(pod, now).ready, {
    description: 'The aggregate readiness state of this pod for accepting traffic.',
  }),
  column<Pod>('Status', (pod, now) => summaryOf(pod, now).status, {
    description: 'The aggregate status of the containers in this pod.',
  }),
  column<Pod>('Restarts', (pod, now) => summaryOf(pod, now).restarts, {
    description:
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
  }),
  ageColumn,
  column<Pod>('IP', (pod) => pod.status?.podIPs?.[0]?.ip || NONE, { wide: true }),
  column<Pod>('Node', (pod) => pod.spec.nodeName || NONE, { wide: true }),
  column<Pod>('Nominated Node', (pod) => pod.status?.nominatedNodeName || NONE, { wide: true }),
  column<Pod>('Readiness Gates', readinessGatesCell, { wide: true }),
];

function readinessGatesCell({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  const open = gates.filter(({ conditionType }) => {
    return status?.conditions?.find(({ type }) => type === conditionType)?.status === 'True';
  });
  return `${open.length}/${gates.length}`;
}
