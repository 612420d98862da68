import type { ResourceRef } from '@pilothouse/api';

/** `/api/v1/namespaces/<ns>/pods/<name>/<subresource>`; without a namespace, all namespaces. */
export function resourcePath(
  { group, version, resource, namespaced }: ResourceRef,
  { namespace, name, subresource }: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  let path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  if (namespaced && namespace) path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${resource}`;
  if (name !== undefined) path += `/${encodeURIComponent(name)}`;
  if (subresource) path += `/${subresource}`;
  return path;
}

export type QueryValue = string | number | boolean | undefined;

/** Query parameters in the order given; undefined and empty ones are left out. */
export function withQuery(path: string, parameters: Readonly<Record<string, QueryValue>>): string {
  let query = '';
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === '') continue;
    query += `${query ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
  }
  return path + query;
}
