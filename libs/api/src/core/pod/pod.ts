import { isDNS1123Label } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { KindBehaviour } from '../../kind.ts';
import { keepStored } from '../keep-stored.ts';
import { dropDisabledPodFields } from '../pod-spec/drop-disabled-fields.ts';
import { warningsForPod } from '../pod-spec/pod-warnings.ts';
import { defaultPod } from './default-pod.ts';
import { ephemeralContainersStrategy } from './ephemeral-containers-subresource.ts';
import { podColumns } from './pod-columns.ts';
import { podRowConditions } from './pod-row-conditions.ts';
import { appArmorWarnings, preparePodForCreate } from './prepare-pod.ts';
import { resizeStrategy } from './resize-subresource.ts';
import { podStatusStrategy } from './status-subresource.ts';
import { validatePod } from './validate-pod.ts';
import { validatePodUpdate } from './validate-pod-update.ts';

export const pod: KindBehaviour<Pod> = {
  group: '',
  kind: 'Pod',
  defaults: defaultPod,
  columns: podColumns,
  rowConditions: podRowConditions,
  strategy: {
    prepareForCreate: preparePodForCreate,
    prepareForUpdate: (next: Pod, old: Pod) => {
      dropDisabledPodFields(next.spec, old.spec);
      keepStored(next, old, 'status');
    },
    validate: validatePod,
    validateUpdate: validatePodUpdate,
    updateChecks: ['metadataUpdate', 'metadata', 'update'],
    warnings: (next: Pod, old: Pod | undefined) => (old ? [] : warningsOnCreate(next)),
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
    deleteReturnsObject: true,
    gracePeriodSeconds,
    selectableFields: {
      'metadata.name': (each: Pod) => each.metadata.name ?? '',
      'metadata.namespace': (each: Pod) => each.metadata.namespace ?? '',
      'spec.nodeName': (each: Pod) => each.spec.nodeName ?? '',
      'spec.host': (each: Pod) => each.spec.nodeName ?? '',
      'spec.restartPolicy': (each: Pod) => each.spec.restartPolicy ?? '',
      'spec.schedulerName': (each: Pod) => each.spec.schedulerName ?? '',
      'spec.serviceAccountName': (each: Pod) => each.spec.serviceAccountName ?? '',
      'spec.hostNetwork': (each: Pod) => String(each.spec.hostNetwork ?? false),
      'status.phase': (each: Pod) => each.status?.phase ?? '',
      'status.podIP': (each: Pod) => each.status?.podIPs?.[0]?.ip ?? '',
      // Accepted by upstream, and never filled.
      'status.podIPs': () => '',
      'status.nominatedNodeName': (each: Pod) => each.status?.nominatedNodeName ?? '',
    },
    exactFieldLabels: true,
  },
  subresources: {
    status: { strategy: podStatusStrategy },
    ephemeralcontainers: { strategy: ephemeralContainersStrategy },
    resize: { strategy: resizeStrategy },
  },
};

/** A pod without a node, or one that has ended, has nobody to wait for. Negative means one second. */
function gracePeriodSeconds({ spec, status }: Pod, requested: number | undefined): number {
  if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0;
  const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

function warningsOnCreate(next: Pod): string[] {
  const warnings = [...appArmorWarnings(next)];
  const problems = isDNS1123Label(next.metadata.name ?? '');
  if (problems.length > 0) {
    const text =
      "this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended";
    warnings.push(`metadata.name: ${text}: [${problems.join(' ')}]`);
  }
  return [...warnings, ...warningsForPod(next)];
}
