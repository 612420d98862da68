import type { PrinterColumn } from '@pilothouse/apimachinery';
import type { Node } from '@pilothouse/api';
import { ageColumn, column, nameColumn, NONE, UNKNOWN } from '../../printing/index.ts';
import { NODE_ROLE_LABEL, NODE_ROLE_LABEL_PREFIX } from '../well-known.ts';

const wide = { wide: true };

export const nodeColumns: readonly PrinterColumn[] = [
  nameColumn,
  column<Node>('Status', statusCell, { description: 'The status of the node' }),
  column<Node>('Roles', rolesCell, { description: 'The roles of the node' }),
  ageColumn,
  column<Node>('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? '', {
    description: 'Kubelet Version reported by the node.',
  }),
  column<Node>('Internal-IP', (node) => addressCell(node, 'InternalIP'), wide),
  column<Node>('External-IP', (node) => addressCell(node, 'ExternalIP'), wide),
  column<Node>('OS-Image', ({ status }) => status?.nodeInfo?.osImage || UNKNOWN, wide),
  column<Node>('Kernel-Version', ({ status }) => status?.nodeInfo?.kernelVersion || UNKNOWN, wide),
  column<Node>('Container-Runtime', ({ status }) => status?.nodeInfo?.containerRuntimeVersion || UNKNOWN, wide),
];

function statusCell({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable ? `${text},SchedulingDisabled` : text;
}

/** Roles are labels with the role in the key; an older label has it in the value. */
function rolesCell({ metadata }: Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(NODE_ROLE_LABEL_PREFIX)) roles.add(key.slice(NODE_ROLE_LABEL_PREFIX.length));
    else if (key === NODE_ROLE_LABEL) roles.add(value);
  }
  roles.delete('');
  return roles.size === 0 ? NONE : [...roles].sort().join(',');
}

function addressCell({ status }: Node, type: string): string {
  return status?.addresses?.find((each) => each.type === type)?.address ?? NONE;
}
