import { fieldPath } from '@pilothouse/apimachinery';
import type { Node } from '@pilothouse/api';
import type { KindBehaviour } from '../../kind.ts';
import { keepStored } from '../keep-stored.ts';
import { roundUpResourceList } from '../resource-list.ts';
import { cidrWarnings } from '../validation/ip-warnings.ts';
import { nodeColumns } from './node-columns.ts';
import { validateNode, validateNodeUpdate } from './validate-node.ts';

export const node: KindBehaviour<Node> = {
  group: '',
  kind: 'Node',
  // What a node was called when the first clusters were stored.
  storagePrefix: 'minions',
  defaults: defaultNode,
  columns: nodeColumns,
  strategy: {
    // A kubelet registers its node with its status, so that stays; but dynamic configuration is gone (KEP-281).
    prepareForCreate: (next: Node) => {
      delete next.spec?.configSource;
      delete next.status?.config;
    },
    prepareForUpdate: (next: Node, old: Node) => {
      keepStored(next, old, 'status');
      if (!old.spec?.configSource) delete next.spec?.configSource;
    },
    validate: validateNode,
    validateUpdate: validateNodeUpdate,
    updateChecks: ['metadata', 'object', 'metadataUpdate', 'update'],
    warnings: nodeWarnings,
    allowUnconditionalUpdate: true,
    selectableFields: {
      'metadata.name': ({ metadata }: Node) => metadata.name ?? '',
      'spec.unschedulable': ({ spec }: Node) => String(spec?.unschedulable ?? false),
    },
    exactFieldLabels: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: Node, old: Node) => {
          keepStored(next, old, 'spec');
          if (!old.status?.config) delete next.status?.config;
        },
        validateUpdate: validateNodeUpdate,
      },
    },
  },
};

function nodeWarnings({ spec = {} }: Node): string[] {
  return [
    ...(spec.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec.podCIDRs ?? []).flatMap((cidr, index) => cidrWarnings(cidr, fieldPath('spec', 'podCIDRs').index(index))),
  ];
}

function defaultNode({ spec, status }: Node): void {
  if (spec?.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR];
  // `podCIDR` is the older name of the first.
  if (spec?.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0];
  if (!status) return;
  roundUpResourceList(status.capacity);
  roundUpResourceList(status.allocatable);
  if (status.allocatable === undefined && status.capacity !== undefined) status.allocatable = { ...status.capacity };
}
