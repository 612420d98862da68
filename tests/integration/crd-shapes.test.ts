import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';
import { establish, messages } from './crd-requests.ts';

// Schemas of the shapes that well-known operators bring: certificates, gateways, monitoring, deployments from git.

let server: RunningApiserver;
let requests: Requests;

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

const conditions = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: {
    type: 'object',
    required: ['type', 'status'],
    properties: {
      type: { type: 'string', maxLength: 316 },
      status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
      lastTransitionTime: { type: 'string', format: 'date-time' },
    },
  },
};

describe('schemas of well-known shapes', () => {
  it('a gateway: lists with keys, rules across items, regular expressions', async () => {
    const listeners = {
      type: 'array',
      maxItems: 64,
      minItems: 1,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name', 'port', 'protocol'],
        properties: {
          name: { type: 'string', maxLength: 63 },
          hostname: {
            type: 'string',
            maxLength: 253,
            minLength: 1,
            pattern: '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
          },
          port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535 },
          protocol: { type: 'string', maxLength: 63 },
          tls: {
            type: 'object',
            properties: { mode: { type: 'string', enum: ['Terminate', 'Passthrough'], default: 'Terminate' } },
          },
        },
      },
      'x-kubernetes-validations': [
        {
          rule: "self.all(each, each.protocol == 'TLS' || !has(each.tls))",
          message: 'tls is for listeners of protocol TLS',
        },
        {
          rule: 'self.all(a, self.exists_one(b, a.port == b.port && a.protocol == b.protocol && a.?hostname == b.?hostname))',
          message: 'port, protocol and hostname must be unique together',
        },
      ],
    };
    const schema = {
      type: 'object',
      required: ['spec'],
      properties: {
        spec: { type: 'object', required: ['listeners'], properties: { listeners } },
        status: { type: 'object', properties: { conditions } },
      },
    };
    const path = await establish(requests, {
      group: 'shapes.example.com',
      plural: 'doorways',
      kind: 'Doorway',
      schema,
      version: { subresources: { status: {} } },
    });
    const doorway = (name: string, ...listed: object[]) => ({ metadata: { name }, spec: { listeners: listed } });
    const web = { name: 'web', port: 80, protocol: 'HTTP' };
    expect(
      (await requests.post(path, doorway('good', web, { ...web, name: 'other', hostname: '*.a.example' }))).code,
    ).toBe(201);
    expect(messages(await requests.post(path, doorway('same', web, { ...web, name: 'again' })))).toEqual([
      'spec.listeners: Invalid value: "array": port, protocol and hostname must be unique together',
    ]);
    expect(messages(await requests.post(path, doorway('tls', { ...web, tls: {} })))).toEqual([
      'spec.listeners: Invalid value: "array": tls is for listeners of protocol TLS',
    ]);
    const status = await requests.patch(`${path}/good/status`, 'merge', {
      status: { conditions: [{ type: 'Ready', status: 'Perhaps' }] },
    });
    expect(messages(status)[0]).toBe(
      'status.conditions[0].status: Unsupported value: "Perhaps": supported values: "True", "False", "Unknown"',
    );
  });

  it('a monitoring stack: quantities as int-or-string, durations, embedded pod metadata', async () => {
    const quantity = {
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      pattern:
        '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
      'x-kubernetes-int-or-string': true,
    };
    const spec = {
      type: 'object',
      properties: {
        interval: {
          type: 'string',
          pattern: '^(0|(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?)$',
          default: '30s',
          'x-kubernetes-validations': [{ rule: "duration(self) >= duration('1s')" }],
        },
        resources: { type: 'object', properties: { limits: { type: 'object', additionalProperties: quantity } } },
        podMetadata: {
          type: 'object',
          properties: { labels: { type: 'object', additionalProperties: { type: 'string' } } },
        },
        retention: {
          ...quantity,
          'x-kubernetes-validations': [
            {
              rule: "type(self) == int ? self > 0 : quantity(self).isGreaterThan(quantity('0'))",
              message: 'must be positive',
            },
          ],
        },
      },
    };
    const path = await establish(requests, {
      group: 'shapes.example.com',
      plural: 'observers',
      kind: 'Observer',
      schema: { type: 'object', properties: { spec } },
    });
    const observer = (name: string, given: object) => ({ metadata: { name }, spec: given });
    const good = await requests.post(
      path,
      observer('good', {
        resources: { limits: { cpu: 2, memory: '1Gi' } },
        retention: '5Gi',
        podMetadata: { labels: { a: 'b' } },
      }),
    );
    expect(good.body.spec).toEqual({
      interval: '30s',
      podMetadata: { labels: { a: 'b' } },
      resources: { limits: { cpu: 2, memory: '1Gi' } },
      retention: '5Gi',
    });
    expect(
      messages(await requests.post(path, observer('lots', { resources: { limits: { cpu: 'lots' } } })))[0],
    ).toContain('spec.resources.limits.cpu in body should match');
    expect(messages(await requests.post(path, observer('soon', { interval: '0' })))).toEqual([
      'spec.interval: Invalid value: "string": failed rule: duration(self) >= duration(\'1s\')',
    ]);
    expect(messages(await requests.post(path, observer('none', { retention: 0 })))).toEqual([
      'spec.retention: Invalid value: "": must be positive',
    ]);
  });

  it('a deployment from git: free-form parameters, embedded manifests, unions of sources', async () => {
    const source = {
      type: 'object',
      required: ['repository'],
      properties: {
        repository: { type: 'string', format: 'uri' },
        chart: {
          type: 'object',
          properties: { values: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
        path: { type: 'string' },
      },
      oneOf: [{ required: ['chart'] }, { required: ['path'] }],
    };
    const spec = {
      type: 'object',
      required: ['sources'],
      properties: {
        sources: { type: 'array', items: source },
        manifests: {
          type: 'array',
          items: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
        },
        ignore: { type: 'array', nullable: true, items: { type: 'string' } },
      },
    };
    const path = await establish(requests, {
      group: 'shapes.example.com',
      plural: 'releases',
      kind: 'Release',
      schema: { type: 'object', properties: { spec } },
    });
    const sources = [{ repository: 'https://git.example/app', chart: { values: { any: [{ thing: null }] } } }];
    const manifests = [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { x: 'y' } }, data: { k: 'v' } },
    ];
    const good = await requests.post(path, { metadata: { name: 'good' }, spec: { sources, manifests, ignore: null } });
    expect(good.body.spec).toEqual({ sources, manifests, ignore: null });
    const wrong = await requests.post(path, {
      metadata: { name: 'wrong' },
      spec: {
        sources: [{ repository: 'https://git.example/app', chart: {}, path: '.' }],
        manifests: [{ kind: 'ConfigMap' }],
      },
    });
    expect(messages(wrong)).toEqual([
      '<nil>: Invalid value: "": "spec.sources[0]" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      'spec.manifests[0].apiVersion: Required value: must not be empty',
    ]);
  });
});
