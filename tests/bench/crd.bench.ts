/**
 * A large custom resource: a schema of about 5,000 lines of YAML, such as operators for monitoring have. How long until
 * it is established and served, and what decoding, defaulting and validating one of its objects costs.
 * `npm run bench -- crd`
 */
import { createCodec, decodeJsonText, type JsonSchema, type KubeObject } from '@pilothouse/apimachinery';
import { startApiserver } from '@pilothouse/testing';
import { stringify } from 'yaml';
import { CustomVersion } from '../../apps/apiserver/src/registry/custom-resources/custom-version.ts';
import { applyDeclaredDefaults } from '../../apps/apiserver/src/registry/declared-defaults.ts';
import { crd, CRDS } from '../integration/crd-definition.ts';
import { requestsOf } from '../integration/apiserver-requests.ts';
import { print } from './measure.ts';

const text = (description: string): JsonSchema => ({ type: 'string', description, maxLength: 253 });

/** One component of the imagined product, with what such schemas are full of. */
const component = (name: string): JsonSchema => ({
  type: 'object',
  description: `How the ${name} is run. Everything that is not said has a default that suits most clusters.`,
  required: ['image'],
  'x-kubernetes-validations': [
    {
      rule: '!has(self.minReplicas) || self.minReplicas <= self.replicas',
      message: 'minReplicas must not be above replicas',
    },
  ],
  properties: {
    image: { ...text(`The image of the ${name}.`), pattern: '^[a-z0-9./:@_-]+$' },
    replicas: { type: 'integer', format: 'int32', minimum: 0, maximum: 1000, default: 1 },
    minReplicas: { type: 'integer', format: 'int32' },
    logLevel: { type: 'string', enum: ['debug', 'info', 'warn', 'error'], default: 'info' },
    port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    nodeSelector: { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
    env: {
      type: 'array',
      maxItems: 100,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: text('The name of the variable.'),
          value: text('Its value.'),
          valueFrom: {
            type: 'object',
            properties: {
              secretKeyRef: {
                type: 'object',
                required: ['key'],
                properties: {
                  name: text('Of the Secret.'),
                  key: text('In the Secret.'),
                  optional: { type: 'boolean' },
                },
              },
            },
          },
        },
      },
    },
    tolerations: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          key: text('Of the taint.'),
          operator: text('Exists or Equal.'),
          value: text('Of the taint.'),
          effect: text('Of the taint.'),
          tolerationSeconds: { type: 'integer', format: 'int64' },
        },
      },
    },
    resources: {
      type: 'object',
      properties: Object.fromEntries(
        ['limits', 'requests'].map((kind) => [
          kind,
          {
            type: 'object',
            additionalProperties: {
              'x-kubernetes-int-or-string': true,
              anyOf: [{ type: 'integer' }, { type: 'string' }],
            },
          } as JsonSchema,
        ]),
      ),
    },
    target: {
      type: 'object',
      properties: { url: text('Where it is.'), service: text('Or what it is called.') },
      oneOf: [{ required: ['url'] }, { required: ['service'] }],
    },
  },
});

const COMPONENTS = 34;
const names = Array.from({ length: COMPONENTS }, (_, at) => `component${at}`);
const schema: JsonSchema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, component(name)])) },
    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

const used = (name: string) => ({
  image: `registry.example/${name}:v1`,
  replicas: 3,
  minReplicas: 1,
  port: 'http',
  labels: { app: name, tier: 'backend' },
  env: Array.from({ length: 4 }, (_, at) => ({ name: `VARIABLE_${at}`, value: `value ${at}` })),
  tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
  resources: { limits: { cpu: 1, memory: '1Gi' }, requests: { cpu: '100m' } },
  target: { service: name },
});
const object = {
  apiVersion: 'example.com/v1',
  kind: 'Monitoring',
  metadata: { name: 'large', namespace: 'default' },
  spec: Object.fromEntries(names.slice(0, 8).map((name) => [name, used(name)])),
};

const definition = crd({
  plural: 'monitorings',
  kind: 'Monitoring',
  schema,
  version: { subresources: { status: {} } },
});
print('lines of the CRD', stringify(definition).split('\n').length, 'lines');
print('size of the object', JSON.stringify(object).length, 'bytes');

function timed(what: string, act: () => void): void {
  const rounds = Array.from({ length: 9 }, () => {
    const start = performance.now();
    for (let at = 0; at < 200; at++) act();
    return ((performance.now() - start) / 200) * 1000;
  });
  print(what, rounds.sort((a, b) => a - b)[4]!, 'µs');
}

const version = new CustomVersion(definition.spec.versions[0] as never);
const json = JSON.stringify(object);
const read = (): KubeObject => decodeJsonText(version.schema, json).object;
const defaulted = read();
applyDeclaredDefaults(version.schema, defaulted);
const errors = version.validate(defaulted, undefined, () => {});
if (errors.length > 0) throw new Error(errors.join('\n'));
timed('decode and prune', read);
timed('fill in defaults', () => applyDeclaredDefaults(version.schema, read()));
timed('validate a new object, rules included', () => version.validate(defaulted, undefined, () => {}));
timed('validate an update, rules and ratcheting included', () =>
  version.validate(defaulted, object as KubeObject, () => {}),
);
const codec = createCodec(version.schema);
timed('encode', () => codec.encodeJson(defaulted));

const server = await startApiserver();
const requests = requestsOf(server);
try {
  const start = performance.now();
  const created = await requests.post(CRDS, definition);
  if (created.code !== 201) throw new Error(created.text);
  print('create of the CRD answered after', performance.now() - start, 'ms');
  for (let code = 404; code !== 201;)
    ({ code } = await requests.post('/apis/example.com/v1/namespaces/default/monitorings', object));
  print('established, and its first object stored after', performance.now() - start, 'ms');
} finally {
  requests.close();
  await server.stop();
}
