import { DYN, Environment, jsonValue, type Program } from '@pilothouse/cel';
import type { AuthorizationAttributes } from '../authorizer.ts';
import { selectorAttributes } from './selector-attributes.ts';

const environment = new Environment({ request: DYN });

/** Of a match condition: `request` is the spec of a SubjectAccessReview. Throws CompileError. */
export function compileCondition(source: string): Program {
  return environment.compile(source);
}

/** Whether all conditions hold; throws when that cannot be known, unless one does not anyway. */
export function matchesRequest(conditions: readonly Program[], attributes: AuthorizationAttributes): boolean {
  if (conditions.length === 0) return true;
  const request = jsonValue(requestOf(attributes));
  const failures: unknown[] = [];
  for (const condition of conditions) {
    try {
      if (condition.evaluate({ request }) !== true) return false;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return true;
}

/** With every field, as the expressions' types have them; what the request is not about is absent. */
function requestOf(attributes: AuthorizationAttributes): object {
  const { user, verb, isResource, path, apiGroup: group, apiVersion: version } = attributes;
  const { namespace, resource, subresource, name } = attributes;
  const asked = { namespace, verb, group, version, resource, subresource, name, ...selectorAttributes(attributes) };
  return {
    user: user.name,
    uid: user.uid ?? '',
    groups: user.groups,
    extra: user.extra ?? {},
    ...(isResource ? { resourceAttributes: asked } : { nonResourceAttributes: { path, verb } }),
  };
}
