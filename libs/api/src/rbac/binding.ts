import {
  deepEqual,
  type FieldError,
  type FieldPath,
  fieldPath,
  invalidValue,
  nameIsDNSSubdomain,
  nameIsPathSegment,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { ClusterRoleBinding, RoleBinding, Subject } from '@pilothouse/api';
import { internalForm } from '../meta/internal-form.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

/** What the two kinds of binding share. */
export type AnyBinding = RoleBinding | ClusterRoleBinding;

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

export function defaultBinding({ roleRef, subjects }: AnyBinding): void {
  if (roleRef && !roleRef.apiGroup) roleRef.apiGroup = RBAC_GROUP;
  for (const subject of subjects ?? []) {
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = RBAC_GROUP;
  }
}

export function validateBinding(
  { roleRef, subjects }: AnyBinding,
  roleKinds: readonly string[],
  namespaced: boolean,
): FieldError[] {
  const path = fieldPath('roleRef');
  const errors: FieldError[] = [];
  if (roleRef?.apiGroup !== RBAC_GROUP)
    errors.push(notSupported(path.child('apiGroup'), roleRef?.apiGroup ?? '', [RBAC_GROUP]));
  if (!roleKinds.includes(roleRef?.kind ?? ''))
    errors.push(notSupported(path.child('kind'), roleRef?.kind ?? '', roleKinds));
  if (!roleRef?.name) errors.push(required(path.child('name')));
  else
    errors.push(
      ...nameIsPathSegment(roleRef.name, false).map((text) => invalidValue(path.child('name'), roleRef.name, text)),
    );
  (subjects ?? []).forEach((subject, i) =>
    errors.push(...validateSubject(subject, namespaced, fieldPath('subjects').index(i))),
  );
  return errors;
}

function validateSubject(
  { kind, name, namespace, apiGroup }: Subject,
  namespaced: boolean,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(path.child('name')));
  if (kind === 'ServiceAccount') {
    if (name)
      errors.push(...nameIsDNSSubdomain(name, false).map((text) => invalidValue(path.child('name'), name, text)));
    if (apiGroup) errors.push(notSupported(path.child('apiGroup'), apiGroup, ['']));
    if (!namespaced && !namespace) errors.push(required(path.child('namespace')));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== RBAC_GROUP) errors.push(notSupported(path.child('apiGroup'), apiGroup ?? '', [RBAC_GROUP]));
  } else {
    errors.push(notSupported(path.child('kind'), kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

export function validateRoleRefUpdate(binding: AnyBinding, old: AnyBinding): FieldError[] {
  return deepEqual(binding.roleRef, old.roleRef)
    ? []
    : [invalidValue(fieldPath('roleRef'), internalForm('rbac.v1.RoleRef', binding.roleRef), 'cannot change roleRef')];
}

const names = (kind: string) => (binding: AnyBinding) =>
  (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ');

export const bindingColumns = [
  nameColumn,
  column<AnyBinding>('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  column<AnyBinding>('Users', names('User'), { wide: true }),
  column<AnyBinding>('Groups', names('Group'), { wide: true }),
  column<AnyBinding>('ServiceAccounts', names('ServiceAccount'), { wide: true }),
];
