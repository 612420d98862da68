import { silentLogger, systemClock } from '@pilothouse/component';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selectorsAsked } from '../asked-selectors.ts';
import type { AuthorizationAttributes } from '../authorizer.ts';
import { KubeconfigService } from '../../testing/kubeconfig-service.ts';
import type { WebhookConfiguration } from './authorization-configuration.ts';
import { validateAuthorization } from './validate-authorization.ts';
import { webhookAuthorizer } from './webhook-authorizer.ts';

interface Review {
  readonly spec: { readonly user: string };
}

let service: KubeconfigService<Review>;

beforeAll(async () => {
  service = await KubeconfigService.start(statusOf);
});

afterAll(() => service?.close());

beforeEach(() => service.reset());

function statusOf({ spec }: Review): unknown {
  const verdicts: Record<string, object> = {
    alice: { allowed: true },
    bob: { allowed: false, reason: 'not today' },
    mallory: { allowed: false, denied: true, reason: 'never' },
  };
  return verdicts[spec.user];
}

const settings = (over: Partial<WebhookConfiguration> = {}): WebhookConfiguration => ({
  ...{ timeout: '30s', authorizedTTL: '5m', unauthorizedTTL: '30s', subjectAccessReviewVersion: 'v1' },
  ...{ failurePolicy: 'NoOpinion', connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: service.kubeConfigFile } },
  ...over,
});

const authorizer = (over: Partial<WebhookConfiguration> = {}) =>
  webhookAuthorizer({ type: 'Webhook', name: 'w', webhook: settings(over) }, systemClock(), silentLogger());

const attributes = (name: string, over: Partial<AuthorizationAttributes> = {}): AuthorizationAttributes => ({
  ...{ user: { name, groups: ['dev'] }, verb: 'get', isResource: true, path: '', apiGroup: 'apps', apiVersion: 'v1' },
  ...{ namespace: 'default', resource: 'deployments', subresource: '', name: 'web' },
  ...over,
});

describe('the webhook authorizer', () => {
  it('asks by a SubjectAccessReview, and remembers the answer', async () => {
    const made = authorizer();
    for (let i = 0; i < 2; i++) expect(await made.authorize(attributes('alice'))).toMatchObject({ decision: 'allow' });
    expect(service.asked).toEqual([
      {
        kind: 'SubjectAccessReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: {},
        spec: {
          resourceAttributes: {
            ...{
              namespace: 'default',
              verb: 'get',
              group: 'apps',
              version: 'v1',
              resource: 'deployments',
              name: 'web',
            },
          },
          user: 'alice',
          groups: ['dev'],
        },
        status: { allowed: false },
      },
    ]);
    const path = attributes('alice', { isResource: false, path: '/version' });
    await authorizer({ subjectAccessReviewVersion: 'v1beta1' }).authorize(path);
    expect(service.asked[1]).toMatchObject({
      apiVersion: 'authorization.k8s.io/v1beta1',
      spec: { nonResourceAttributes: { path: '/version', verb: 'get' }, group: ['dev'] },
    });
  });

  it('is told what narrows the objects asked for, and its conditions too', async () => {
    const condition = { expression: "request.resourceAttributes.fieldSelector.requirements[0].values[0] == 'n1'" };
    const made = authorizer({ matchConditions: [condition] });
    const listing = attributes('alice', { verb: 'list', ...selectorsAsked('spec.nodeName=n1', 'app!=web,tier,x>3') });
    expect(await made.authorize(listing)).toMatchObject({ decision: 'allow' });
    expect(service.asked[0]).toMatchObject({
      spec: {
        resourceAttributes: {
          fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n1'] }] },
          labelSelector: {
            requirements: [
              { key: 'app', operator: 'NotIn', values: ['web'] },
              { key: 'tier', operator: 'Exists' },
            ],
          },
        },
      },
    });
    const elsewhere = attributes('mallory', { verb: 'list', ...selectorsAsked('spec.nodeName=n2', '') });
    expect(await made.authorize(elsewhere)).toMatchObject({ decision: 'none' });
  });

  it('tells having no opinion from saying no', async () => {
    expect(await authorizer().authorize(attributes('bob'))).toEqual({ decision: 'none', reason: 'not today' });
    expect(await authorizer().authorize(attributes('mallory'))).toEqual({ decision: 'deny', reason: 'never' });
  });

  it('is not asked about what its conditions leave out', async () => {
    const conditions = [
      { expression: 'has(request.resourceAttributes)' },
      { expression: "request.resourceAttributes.subresource == '' && !('system:nodes' in request.groups)" },
    ];
    const made = authorizer({ matchConditions: conditions });
    expect(await made.authorize(attributes('mallory', { isResource: false }))).toMatchObject({ decision: 'none' });
    expect(await made.authorize(attributes('mallory', { subresource: 'scale' }))).toMatchObject({ decision: 'none' });
    expect(service.asked).toEqual([]);
    expect(await made.authorize(attributes('mallory'))).toMatchObject({ decision: 'deny' });
  });

  it('does as its failure policy says when it cannot be asked', async () => {
    service.code = 403;
    expect(await authorizer().authorize(attributes('alice'))).toMatchObject({ decision: 'none' });
    expect(await authorizer({ failurePolicy: 'Deny' }).authorize(attributes('alice'))).toMatchObject({
      decision: 'deny',
    });
    const broken = { failurePolicy: 'Deny', matchConditions: [{ expression: 'request.nothing == 1' }] };
    expect(await authorizer(broken).authorize(attributes('alice'))).toMatchObject({ decision: 'deny' });
  });
});

describe('a configuration', () => {
  const problems = (...authorizers: object[]) => validateAuthorization({ authorizers }).map(String);

  it('has authorizers of known types, one of each but for webhooks', () => {
    expect(problems()).toEqual(['authorizers: Required value: at least one authorization mode must be defined']);
    expect(problems({ type: 'Node', name: 'n' }, { type: 'RBAC', name: 'r' })).toEqual([]);
    expect(problems({ type: 'RBAC', name: 'r' }, { type: 'RBAC', name: 's' }, { type: 'ABAC', name: 'a' })).toEqual([
      'authorizers[1].type: Duplicate value: "RBAC"',
      'authorizers[2].type: Unsupported value: "ABAC": supported values: "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"',
    ]);
    expect(problems({ type: 'Webhook', name: 'W' })).toEqual([
      expect.stringMatching(/^authorizers\[0\].name: Invalid value: "W": authorizer name is invalid: a lowercase/),
      'authorizers[0].webhook: Required value: required when type=Webhook',
    ]);
  });

  it('says of a webhook all that it must', () => {
    expect(problems({ type: 'Webhook', name: 'w', webhook: settings() })).toEqual([]);
    const conditions = [{ expression: '"a"' }, { expression: ' ' }];
    const webhook = settings({ timeout: '1m', unauthorizedTTL: '', failurePolicy: '', matchConditions: conditions });
    expect(problems({ type: 'Webhook', name: 'w', webhook: { ...webhook, connectionInfo: {} } })).toEqual([
      'authorizers[0].timeout: Invalid value: "1m": must be > 0s and <= 30s',
      expect.stringContaining('authorizers[0].unauthorizedTTL'),
      'authorizers[0].matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified',
      'authorizers[0].failurePolicy: Required value',
      'authorizers[0].connectionInfo.type: Required value',
      'authorizers[0].matchConditions[0].expression: Invalid value: "\\"a\\"": must evaluate to bool',
      'authorizers[0].matchConditions[1].expression: Required value',
    ]);
  });
});
