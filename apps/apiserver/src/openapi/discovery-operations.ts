import { schemaFor } from '@pilothouse/api';
import type { ObjectSchema } from '@pilothouse/apimachinery';
import { groupVersionPath, idPrefix, tagOf, type Message, type Operation } from './operation.ts';
import { isCustom, type ServedResource } from './served-resource.ts';

const TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

const meta = (kind: string): Message => ({ schema: schemaFor('', 'v1', kind)! });

const VERSION_FIELDS = ['major', 'minor', 'gitVersion', 'gitCommit', 'gitTreeState', 'buildDate', 'goVersion'];
const OPTIONAL_VERSION_FIELDS = ['emulationMajor', 'emulationMinor', 'minCompatibilityMajor', 'minCompatibilityMinor'];

/** apimachinery's version.Info is written as JSON only, so `proto/` does not have it. */
const VERSION_INFO: Message = {
  name: 'io.k8s.apimachinery.pkg.version.Info',
  schema: {
    type: 'object',
    properties: new Map(
      [...VERSION_FIELDS, 'compiler', 'platform', ...OPTIONAL_VERSION_FIELDS].map((name) => {
        const required = !OPTIONAL_VERSION_FIELDS.includes(name);
        return [name, { name, schema: { type: 'string' }, pointer: !required, always: required, required }];
      }),
    ),
  } satisfies ObjectSchema,
};

/**
 * What there is to read besides resources: which groups, versions and resources there are, the server's version, and
 * what OpenID clients need. Of custom resources' groups nothing is published, as upstream.
 */
export function discoveryOperations(served: readonly ServedResource[]): Operation[] {
  const versions = new Map<string, ReturnType<typeof groupVersion>>();
  const groups = new Map<string, Operation>();
  for (const each of served) {
    if (isCustom(each)) continue;
    const { group } = each.definition;
    versions.set(groupVersionPath(group, each.version), groupVersion(group, each.version));
    groups.set(group, group === '' ? CORE_VERSIONS : groupOperation(group));
  }
  return [...FIXED, ...groups.values(), ...versions.values()];
}

type Described = Pick<Operation, 'path' | 'id' | 'description' | 'tag' | 'answer'> & Partial<Operation>;

function get(operation: Described): Operation {
  return { method: 'get', body: 'none', parameters: [], statuses: [], produces: TYPES, ...operation };
}

function groupOperation(group: string): Operation {
  return get({
    path: `/apis/${group}/`,
    id: `get${idPrefix(group)}APIGroup`,
    description: 'get information of a group',
    tag: tagOf(group),
    answer: meta('APIGroup'),
  });
}

function groupVersion(group: string, version: string): Operation {
  return get({
    path: `${groupVersionPath(group, version)}/`,
    id: `get${idPrefix(group, version)}APIResources`,
    description: 'get available resources',
    tag: tagOf(group, version),
    answer: meta('APIResourceList'),
  });
}

const VERSIONS = 'get available API versions';

const CORE_VERSIONS = get({
  path: '/api/',
  id: 'getCoreAPIVersions',
  description: VERSIONS,
  tag: 'core',
  answer: meta('APIVersions'),
});

const FIXED: readonly Operation[] = [
  get({ path: '/apis/', id: 'getAPIVersions', description: VERSIONS, tag: 'apis', answer: meta('APIGroupList') }),
  get({
    ...{ path: '/version/', id: 'getCodeVersion', tag: 'version', answer: VERSION_INFO },
    description: 'get the version information for this server',
    produces: ['application/json'],
  }),
  get({
    ...{ path: '/.well-known/openid-configuration', tag: 'WellKnown', answer: 'string' },
    id: 'getServiceAccountIssuerOpenIDConfiguration',
    description: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
    produces: ['application/json'],
  }),
  get({
    ...{ path: '/openid/v1/jwks', tag: 'openid', answer: 'string' },
    id: 'getServiceAccountIssuerOpenIDKeyset',
    description: 'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)',
    produces: ['application/jwk-set+json'],
  }),
];
