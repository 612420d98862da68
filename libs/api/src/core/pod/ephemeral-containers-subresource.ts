import { deepEqual, type FieldError, fieldPath, forbiddenField, type Strategy } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import { keepStored } from '../keep-stored.ts';
import { lineDiff } from '../validation/line-diff.ts';
import { MIRROR_POD_ANNOTATION } from '../well-known.ts';
import { validatePodContents } from './validate-pod.ts';
import { validateAnnotationUpdate } from './validate-pod-update.ts';

/** `pods/ephemeralcontainers`: adds containers to a running pod, and changes nothing else. */
export const ephemeralContainersStrategy: Partial<Strategy> = {
  prepareForUpdate: (pod: Pod, old: Pod) => {
    const added = pod.spec.ephemeralContainers;
    pod.spec = { ...old.spec };
    if (added) pod.spec.ephemeralContainers = added;
    else delete pod.spec.ephemeralContainers;
    keepStored(pod, old, 'status');
    keepObjectMeta(pod, old);
  },
  validateUpdate: validateEphemeralContainersUpdate,
  updateChecks: ['metadataUpdate', 'metadata', 'update'],
};

/** The metadata that a subresource of a pod may not touch. */
export function keepObjectMeta(pod: Pod, old: Pod): void {
  keepStored(
    pod.metadata,
    old.metadata,
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'ownerReferences',
    'labels',
    'annotations',
    'finalizers',
  );
}

function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR_POD_ANNOTATION] !== undefined) {
    return [forbiddenField(fieldPath(''), 'static pods do not support ephemeral containers')];
  }
  const errors = [...validatePodContents(pod), ...validateAnnotationUpdate(pod, old)];
  const path = fieldPath('spec', 'ephemeralContainers');
  for (const container of old.spec.ephemeralContainers ?? []) {
    const next = pod.spec.ephemeralContainers?.find((each) => each.name === container.name);
    const which = `existing ephemeral containers ${JSON.stringify(container.name)}`;
    if (!next) errors.push(forbiddenField(path, `${which} may not be removed\n`));
    else if (!deepEqual(next, container)) {
      errors.push(forbiddenField(path, `${which} may not be changed\n${lineDiff(container, next)}`));
    }
  }
  return errors;
}
