import {
  deepEqual,
  type FieldError,
  fieldPath,
  invalidValue,
  isDNS1123Subdomain,
  isPathSegmentName,
  required,
} from '@pilothouse/apimachinery';
import type { IPAddress } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { internalForm } from '../meta/internal-form.ts';
import { column, nameColumn, NONE } from '../printing/index.ts';
import { canonicalIpProblems } from './canonical-address.ts';

const PARENT = fieldPath('spec', 'parentRef');

/** An address in use, named after it: whoever creates the object has the address. */
export const ipAddress: KindBehaviour<IPAddress> = {
  group: 'networking.k8s.io',
  kind: 'IPAddress',
  columns: [
    nameColumn,
    column<IPAddress>('ParentRef', ({ spec: { parentRef } }) => {
      if (!parentRef) return NONE;
      const { group, resource, namespace, name } = parentRef;
      return [`${resource}${group ? `.${group}` : ''}`.toLowerCase(), ...(namespace ? [namespace] : []), name].join(
        '/',
      );
    }),
  ],
  strategy: {
    validate: validateAddress,
    validateUpdate: (next: IPAddress, old: IPAddress) =>
      deepEqual(next.spec.parentRef, old.spec.parentRef)
        ? []
        : [
            invalidValue(
              PARENT,
              internalForm('networking.v1.ParentReference', next.spec.parentRef),
              'field is immutable',
            ),
          ],
    validateName: (name) => canonicalIpProblems(name),
    allowUnconditionalUpdate: true,
  },
};

function validateAddress({ spec: { parentRef } }: IPAddress): FieldError[] {
  if (!parentRef) return [required(PARENT)];
  const errors: FieldError[] = [];
  const { group, resource, namespace, name } = parentRef;
  if (group) pushInvalid(errors, PARENT.child('group'), group, isDNS1123Subdomain(group));
  if (!resource) errors.push(required(PARENT.child('resource')));
  else pushInvalid(errors, PARENT.child('resource'), resource, isPathSegmentName(resource));
  if (!name) errors.push(required(PARENT.child('name')));
  else pushInvalid(errors, PARENT.child('name'), name, isPathSegmentName(name));
  if (namespace) pushInvalid(errors, PARENT.child('namespace'), namespace, isPathSegmentName(namespace));
  return errors;
}
