import { badRequest, forbidden } from '@pilothouse/apimachinery';
import type { Authorizer } from '../authorization/authorizer.ts';
import { parseServiceAccountName, withAuthenticatedGroup, type UserInfo } from '../authentication/user-info.ts';
import type { ApiRequest, Filter } from '../request.ts';

const EXTRA_PREFIX = 'impersonate-extra-';

/** Acting as somebody else, for those who may. https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/ */
export const impersonate =
  (authorizer: Authorizer): Filter =>
  async (request, next) => {
    const wanted = readHeaders(request);
    if (wanted === undefined) return next();
    await checkAllowed(authorizer, request.user, wanted);
    request.originalUser = request.user;
    request.user = completed(wanted);
    for (const header of Object.keys(request.headers)) {
      if (header.startsWith('impersonate-')) delete request.headers[header];
    }
    await next();
  };

interface Wanted {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

function readHeaders(request: ApiRequest): Wanted | undefined {
  const { headers } = request;
  const name = headers['impersonate-user'];
  const groups = headerValues(request, 'impersonate-group');
  const uid = headers['impersonate-uid'];
  const extra: Record<string, string[]> = {};
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(EXTRA_PREFIX)) continue;
    extra[decodeURIComponent(header.slice(EXTRA_PREFIX.length))] = headerValues(request, header);
  }
  const nothing = name === undefined && groups.length === 0 && uid === undefined && Object.keys(extra).length === 0;
  if (nothing) return undefined;
  if (typeof name !== 'string' || name === '') {
    throw badRequest(`requested ${JSON.stringify(groups)} without impersonating a user`);
  }
  return { name, groups, uid: typeof uid === 'string' ? uid : '', extra };
}

/** Node joins repeated headers with commas; a group's name may contain one, so the raw list is asked. */
function headerValues(request: ApiRequest, name: string): string[] {
  const raw = request.http.rawHeaders;
  const values: string[] = [];
  for (let i = 0; i < raw.length; i += 2) if (raw[i]!.toLowerCase() === name) values.push(raw[i + 1]!);
  return values;
}

async function checkAllowed(authorizer: Authorizer, user: UserInfo, wanted: Wanted): Promise<void> {
  const account = parseServiceAccountName(wanted.name);
  const checks = [
    account
      ? { resource: 'serviceaccounts', namespace: account.namespace, name: account.name }
      : { resource: 'users', name: wanted.name },
    ...wanted.groups.map((name) => ({ resource: 'groups', name })),
    ...(wanted.uid ? [{ resource: 'uids', apiGroup: 'authentication.k8s.io', name: wanted.uid }] : []),
    ...Object.entries(wanted.extra).flatMap(([key, values]) =>
      values.map((name) => ({ resource: 'userextras', apiGroup: 'authentication.k8s.io', subresource: key, name })),
    ),
  ];
  for (const check of checks) {
    const attributes = {
      user,
      verb: 'impersonate',
      isResource: true,
      path: '',
      apiGroup: '',
      apiVersion: '',
      namespace: '',
      subresource: '',
      ...check,
    };
    const { decision, reason } = await authorizer.authorize(attributes);
    if (decision === 'allow') continue;
    const scope = attributes.namespace ? `in the namespace "${attributes.namespace}"` : 'at the cluster scope';
    const target = { group: attributes.apiGroup, resource: check.resource };
    const why = `User "${user.name}" cannot impersonate resource "${check.resource}" in API group "${attributes.apiGroup}" ${scope}`;
    throw forbidden(target, check.name, reason ? `${why}: ${reason}` : why);
  }
}

function completed({ name, uid, groups, extra }: Wanted): UserInfo {
  const account = parseServiceAccountName(name);
  const own = account ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`] : [];
  const user = { name, ...(uid ? { uid } : {}), groups: groups.length > 0 ? groups : own, extra };
  return name === 'system:anonymous' && groups.length === 0
    ? { ...user, groups: ['system:unauthenticated'] }
    : withAuthenticatedGroup(user);
}
