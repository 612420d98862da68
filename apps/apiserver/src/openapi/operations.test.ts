import { definitions } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { discoveryOperations } from './discovery-operations.ts';
import { operationsOf } from './operations.ts';

const definitionOf = (group: string, resource: string) =>
  definitions.find((each) => each.group === group && each.resource === resource);

const operations = (group: string, resource: string, version = 'v1') =>
  operationsOf({ definition: definitionOf(group, resource)!, version });

const row = (group: string, resource: string, method: string, path: string) => {
  const found = operations(group, resource).find((each) => each.method === method && each.path.endsWith(path));
  return found && [found.id, found.tag, found.action];
};

describe('the operations of a built-in resource', () => {
  it.each([
    ['', 'pods', 'get', '/v1/pods', 'listCoreV1PodForAllNamespaces', 'core_v1', 'list'],
    ['', 'pods', 'delete', '/pods', 'deleteCoreV1CollectionNamespacedPod', 'core_v1', 'deletecollection'],
    ['', 'pods', 'get', '/watch/pods', 'watchCoreV1PodListForAllNamespaces', 'core_v1', 'watchlist'],
    ['', 'pods', 'get', '/watch/namespaces/{namespace}/pods', 'watchCoreV1NamespacedPodList', 'core_v1', 'watchlist'],
    ['', 'pods', 'get', '/watch/namespaces/{namespace}/pods/{name}', 'watchCoreV1NamespacedPod', 'core_v1', 'watch'],
    ['', 'pods', 'post', '/exec', 'connectCoreV1PostNamespacedPodExec', 'core_v1', 'connect'],
    ['', 'nodes', 'put', '/proxy/{path}', 'connectCoreV1PutNodeProxyWithPath', 'core_v1', 'connect'],
    ['', 'nodes', 'put', '/nodes/{name}/status', 'replaceCoreV1NodeStatus', 'core_v1', 'put'],
    ['apps', 'deployments', 'patch', '/scale', 'patchAppsV1NamespacedDeploymentScale', 'apps_v1', 'patch'],
    [
      ...['rbac.authorization.k8s.io', 'clusterroles', 'post', '/clusterroles'],
      ...['createRbacAuthorizationV1ClusterRole', 'rbacAuthorization_v1', 'post'],
    ],
  ])('%s %s %s %s: %s', (group, resource, method, path, ...expected) => {
    expect(row(group!, resource!, method!, path!)).toEqual(expected);
  });

  it('take the options of what they connect to from its kind', () => {
    const exec = operations('', 'pods').find(({ id }) => id === 'connectCoreV1GetNamespacedPodExec')!;
    expect(exec.parameters.map(({ name, type }) => `${name}:${type}`).sort()).toEqual([
      ...['command:string', 'container:string', 'stderr:boolean', 'stdin:boolean', 'stdout:boolean', 'tty:boolean'],
    ]);
    const log = operations('', 'pods').find(({ id }) => id === 'readCoreV1NamespacedPodLog')!;
    const names = log.parameters.map(({ name }) => name);
    expect(names).toContain('sinceSeconds');
    expect(names, 'a time has no plain type').not.toContain('sinceTime');
  });

  it('say what a deletion answers', () => {
    const answer = (group: string, resource: string) =>
      operations(group, resource).find(({ action }) => action === 'delete')!.answer;
    expect(answer('', 'services')).toBe('object');
    expect(answer('storage.k8s.io', 'storageclasses')).toBe('object');
    expect(answer('', 'configmaps')).toBe('status');
  });

  it('offer no watch of what cannot be watched', () => {
    expect(operations('', 'componentstatuses').map(({ action, description }) => [action, description])).toEqual([
      ['list', 'list objects of kind ComponentStatus'],
      ['get', 'read the specified ComponentStatus'],
    ]);
  });
});

describe('the operations beside resources', () => {
  it('are those of discovery, the version and OpenID', () => {
    const served = [
      { definition: definitionOf('', 'pods')!, version: 'v1' },
      { definition: definitionOf('apps', 'deployments')!, version: 'v1' },
    ];
    expect(discoveryOperations(served).map(({ path, id }) => `${path} ${id}`)).toEqual([
      '/apis/ getAPIVersions',
      '/version/ getCodeVersion',
      '/.well-known/openid-configuration getServiceAccountIssuerOpenIDConfiguration',
      '/openid/v1/jwks getServiceAccountIssuerOpenIDKeyset',
      '/api/ getCoreAPIVersions',
      '/apis/apps/ getAppsAPIGroup',
      '/api/v1/ getCoreV1APIResources',
      '/apis/apps/v1/ getAppsV1APIResources',
    ]);
  });
});
