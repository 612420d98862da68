import type { ObjectSchema } from '@pilothouse/apimachinery';
import type { QueryParameter } from './query-parameters.ts';

export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A message that is no kind of a resource: `name` is for those that have none of their own. */
export interface Message {
  readonly schema: ObjectSchema;
  readonly name?: string;
}

/** One HTTP method of one path, before it is written in either version of OpenAPI. */
export interface Operation {
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';
  /** upstream's `x-kubernetes-action`: get list watch watchlist post put patch delete deletecollection connect. */
  readonly action?: string;
  readonly id: string;
  readonly description: string;
  readonly tag: string;
  readonly kind?: Kind;
  /** What the body and the answer are; `list` stands for the list kind. */
  readonly body: 'object' | 'patch' | 'deleteOptions' | 'none';
  readonly answer: 'object' | 'list' | 'status' | 'string' | 'watchEvent' | Message;
  readonly parameters: readonly QueryParameter[];
  /** Statuses besides 200 and 401: 201 Created, 202 Accepted. */
  readonly statuses: readonly (201 | 202)[];
  /** Media types of the answer, where they are not those that follow from its kind. */
  readonly produces?: readonly string[];
}

export const groupVersionPath = (group: string, version: string): string =>
  group === '' ? `/api/${version}` : `/apis/${group}/${version}`;

/** `apps` → `Apps`, `networking.k8s.io` → `Networking`, `rbac.authorization.k8s.io` → `RbacAuthorization`. */
function groupPrefix(group: string): string {
  const name = group === '' ? 'core' : group.replace(/\.k8s\.io$/, '');
  return name.split(/[.-]/).map(capital).join('');
}

/** `apps`, `v1` → `AppsV1`: what stands in an operation's id behind its verb. */
export const idPrefix = (group: string, version = ''): string => groupPrefix(group) + capital(version);

/** `apps`, `v1` → `apps_v1`: the group of operations that clients make one class of. */
export function tagOf(group: string, version?: string): string {
  const prefix = groupPrefix(group);
  return prefix.charAt(0).toLowerCase() + prefix.slice(1) + (version === undefined ? '' : `_${version}`);
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
