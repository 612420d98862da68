import { type FieldError, fieldPath, notSupported, required } from '@pilothouse/apimachinery';
import type { Binding } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';

/** Assigns a pod to a node. It is never stored: the registry writes its target into the pod. */
export const binding: KindBehaviour<Binding> = {
  group: '',
  kind: 'Binding',
  strategy: { validate: validateBinding },
};

function validateBinding({ target }: Binding): FieldError[] {
  const errors: FieldError[] = [];
  const kind = target?.kind;
  if (kind && kind !== 'Node') errors.push(notSupported(fieldPath('target', 'kind'), kind, ['Node', '<empty>']));
  if (!target?.name) errors.push(required(fieldPath('target', 'name')));
  return errors;
}
