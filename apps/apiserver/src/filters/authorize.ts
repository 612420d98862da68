import { forbidden } from '@pilothouse/apimachinery';
import type { AuthorizationAttributes, Authorizer } from '../authorization/authorizer.ts';
import { selectorsAsked } from '../authorization/asked-selectors.ts';
import type { ApiRequest, Filter } from '../request.ts';

/** Verbs whose requests say by selectors which objects they are about. */
const SELECTING: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection']);

/** Refuses what the user may not do, with upstream's words. */
export const authorize =
  (authorizer: Authorizer): Filter =>
  async (request, next) => {
    const attributes = attributesOf(request);
    const { decision, reason } = await authorizer.authorize(attributes);
    request.audit.annotations.set('authorization.k8s.io/decision', decision === 'allow' ? 'allow' : 'forbid');
    request.audit.annotations.set('authorization.k8s.io/reason', reason);
    if (decision !== 'allow') throw refusal(attributes, reason);
    await next();
  };

export function attributesOf({ info, user }: ApiRequest): AuthorizationAttributes {
  const { verb, isResource, path, apiGroup, apiVersion, namespace, resource, subresource, name } = info;
  const selectors = SELECTING.has(verb) ? selectorsAsked(info.fieldSelector, info.labelSelector) : {};
  return { user, verb, isResource, path, apiGroup, apiVersion, namespace, resource, subresource, name, ...selectors };
}

export function refusal(attributes: AuthorizationAttributes, reason: string) {
  const why = withReason(forbiddenMessage(attributes), reason);
  return forbidden({ group: attributes.apiGroup, resource: attributes.resource }, attributes.name, why);
}

function withReason(message: string, reason: string): string {
  return reason === '' ? message : `${message}: ${reason}`;
}

function forbiddenMessage({
  user,
  verb,
  isResource,
  path,
  apiGroup,
  namespace,
  resource,
  subresource,
}: AuthorizationAttributes) {
  const who = `User ${JSON.stringify(user.name)} cannot`;
  if (!isResource) return `${who} ${verb} path ${JSON.stringify(path)}`;
  const what = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  return `${who} ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(apiGroup)} ${where}`;
}
