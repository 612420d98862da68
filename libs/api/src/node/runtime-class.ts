import {
  duplicate,
  type FieldError,
  fieldPath,
  nameIsDNSLabel,
  validateImmutableField,
  validateLabels,
} from '@pilothouse/apimachinery';
import type { RuntimeClass } from '@pilothouse/api';
import { DEPRECATED_NODE_LABELS } from '../core/pod-spec/deprecated-node-labels.ts';
import { validateTolerations } from '../core/pod-spec/tolerations.ts';
import { roundUpResourceList } from '../core/resource-list.ts';
import { validateContainerResourceName } from '../core/resources/validate-resource-name.ts';
import { validateResourceRequirements } from '../core/resources/validate-resource-requirements.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

const SCHEDULING = fieldPath('scheduling');

/** How a node's runtime runs a pod, and what that costs. */
export const runtimeClass: KindBehaviour<RuntimeClass> = {
  group: 'node.k8s.io',
  kind: 'RuntimeClass',
  defaults: ({ overhead }) => roundUpResourceList(overhead?.podFixed),
  columns: [nameColumn, column<RuntimeClass>('Handler', ({ handler }) => handler), ageColumn],
  strategy: {
    validate: validateClass,
    validateUpdate: (next: RuntimeClass, old: RuntimeClass) =>
      validateImmutableField(next.handler, old.handler, fieldPath('handler')),
    warnings: ({ scheduling }: RuntimeClass) =>
      Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
        const advice = DEPRECATED_NODE_LABELS.get(key);
        return advice === undefined ? [] : [`${SCHEDULING.child('nodeSelector').key(key)}: ${advice}`];
      }),
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  },
};

function validateClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors: FieldError[] = [];
  pushInvalid(errors, fieldPath('handler'), handler, nameIsDNSLabel(handler, false));
  if (overhead)
    validateResourceRequirements(
      { limits: overhead.podFixed ?? {} },
      validateContainerResourceName,
      fieldPath('overhead'),
      errors,
    );
  if (!scheduling) return errors;
  const { nodeSelector, tolerations = [] } = scheduling;
  errors.push(...validateLabels(nodeSelector, SCHEDULING.child('nodeSelector')));
  const at = SCHEDULING.child('tolerations');
  validateTolerations(tolerations, at, errors);
  const seen = new Set<string>();
  tolerations.forEach((toleration, index) => {
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    const identity = JSON.stringify([key, operator, value, effect]);
    if (seen.has(identity)) errors.push(duplicate(at.index(index), toleration));
    seen.add(identity);
  });
  return errors;
}
