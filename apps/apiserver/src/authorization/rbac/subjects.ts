import type { Subject } from '@pilothouse/api';
import { parseServiceAccountName, type UserInfo } from '../../authentication/user-info.ts';

/** Keys under which a binding is found for those it binds. */
export function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind === 'ServiceAccount') return `ServiceAccount/${namespace || bindingNamespace}/${name}`;
  return `${kind}/${name}`;
}

/** Keys of all bindings that bind this user. */
export function keysOfUser({ name, groups }: UserInfo): string[] {
  const account = parseServiceAccountName(name);
  return [
    `User/${name}`,
    ...groups.map((group) => `Group/${group}`),
    ...(account ? [`ServiceAccount/${account.namespace}/${account.name}`] : []),
  ];
}
