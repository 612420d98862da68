import { describe, expect, it } from 'vitest';
import { parseRequestTarget } from './http/raw-path.ts';
import { parseRequestInfo } from './request-info.ts';

function info(method: string, url: string) {
  const { path, segments, query } = parseRequestTarget(url)!;
  return parseRequestInfo(method, path, segments, query);
}

/** Method, URL, and what it means. */
const REQUESTS: readonly (readonly [string, string, object])[] = [
  ['GET', '/api/v1/namespaces', { verb: 'list', resource: 'namespaces', namespace: '' }],
  ['GET', '/api/v1/namespaces/other', { verb: 'get', resource: 'namespaces', namespace: 'other', name: 'other' }],
  [
    'PUT',
    '/api/v1/namespaces/other/finalize',
    { verb: 'update', resource: 'namespaces', name: 'other', subresource: 'finalize' },
  ],
  ['GET', '/api/v1/namespaces/other/pods', { verb: 'list', resource: 'pods', namespace: 'other', name: '' }],
  ['GET', '/api/v1/namespaces/other/pods/foo/log', { verb: 'get', resource: 'pods', name: 'foo', subresource: 'log' }],
  ['GET', '/api/v1/pods?watch=true', { verb: 'watch', resource: 'pods', namespace: '' }],
  ['GET', '/api/v1/pods?watch=false', { verb: 'list' }],
  ['GET', '/api/v1/watch/namespaces/other/pods', { verb: 'watch', resource: 'pods', namespace: 'other' }],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dfoo', { verb: 'list', name: 'foo' }],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name!%3Dfoo', { verb: 'list', name: '' }],
  ['DELETE', '/api/v1/namespaces/other/pods', { verb: 'deletecollection', resource: 'pods', name: '' }],
  ['DELETE', '/api/v1/namespaces/other/pods/foo', { verb: 'delete', name: 'foo' }],
  [
    'POST',
    '/apis/apps/v1/namespaces/other/deployments',
    { verb: 'create', apiGroup: 'apps', apiVersion: 'v1', resource: 'deployments' },
  ],
  [
    'PATCH',
    '/apis/apps/v1/namespaces/other/deployments/web/scale',
    { verb: 'patch', name: 'web', subresource: 'scale' },
  ],
  ['HEAD', '/api/v1/nodes/n', { verb: 'get', resource: 'nodes', name: 'n' }],
];

describe('parseRequestInfo', () => {
  it.each(REQUESTS)('%s %s', (method, url, expected) => {
    expect(info(method, url)).toMatchObject({ isResource: true, ...expected });
  });

  it.each(['/', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/version', '/healthz/ping'])(
    '%s is no resource',
    (url) => expect(info('GET', url)).toMatchObject({ isResource: false, verb: 'get', path: url }),
  );
});

describe('parseRequestTarget', () => {
  it('decodes each segment by itself, so that an encoded slash moves no border', () => {
    expect(parseRequestTarget('/api/v1/nodes/a%2Fb')!.segments).toEqual(['api', 'v1', 'nodes', 'a/b']);
  });

  it('refuses what is not percent-encoded text', () => {
    expect(parseRequestTarget('/api/%zz')).toBeUndefined();
    expect(parseRequestTarget('*')).toBeUndefined();
  });

  it('refuses a path that goes back on itself', () => {
    expect(parseRequestTarget('/healthz/../metrics')).toBeUndefined();
    expect(parseRequestTarget('/healthz/%2e%2E/metrics')).toBeUndefined();
    expect(parseRequestTarget('/api/v1/namespaces/default/configmaps/a..b')).toBeDefined();
  });
});
