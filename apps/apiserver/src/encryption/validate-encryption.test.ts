import { expect, it } from 'vitest';
import { validateEncryption } from './validate-encryption.ts';

const KEY = { name: 'key1', secret: Buffer.alloc(32).toString('base64') };
const aescbc = { aescbc: { keys: [KEY] } };
const kms = (over: object = {}) => ({
  kms: { apiVersion: 'v2', name: 'k', endpoint: 'unix:///tmp/kms.sock', ...over },
});
const problems = (resources: string[], providers: object[]) =>
  validateEncryption({ resources: [{ resources, providers }] }).map(String);

it.each<[string[], object[], string[]]>([
  [['secrets', 'configmaps', '*.apps'], [aescbc, { identity: {} }], []],
  [['*.'], [kms()], []],
  [[], [aescbc], ['resources[0].resources: Required value: at least one resources[0].resources is required']],
  [['secrets'], [], ['resources[0].providers: Required value: at least one resources[0].providers is required']],
  [
    ['Secrets'],
    [aescbc],
    ['resources[0].resources[0]: Invalid value: "Secrets": resource name should not contain capital letters'],
  ],
  [
    ['events.events.k8s.io', 'pods.*'],
    [aescbc],
    [
      `resources[0].resources[0]: Invalid value: "events.events.k8s.io": '*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file`,
      'resources[0].resources[1]: Invalid value: "pods.*": encrypting the same resource across groups is not supported',
    ],
  ],
  [
    ['secrets', '*.'],
    [aescbc],
    [
      `resources[0].resources: Invalid value: ["secrets","*."]: using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked`,
    ],
  ],
  [
    ['secrets', 'secrets'],
    [aescbc],
    [
      'resources[0].resources: Invalid value: ["secrets","secrets"]: the same resource cannot be specified multiple times',
    ],
  ],
  [
    ['secrets'],
    [{ aescbc: { keys: [{ name: 'a', secret: Buffer.alloc(5).toString('base64') }] } }],
    [
      'resources[0].providers[0].aescbc.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 5, expected one of [16 24 32]',
    ],
  ],
  [
    ['secrets'],
    [{ secretbox: { keys: [{ name: '', secret: 'not base64' }] } }],
    [
      'resources[0].providers[0].secretbox.keys[0].name: Required value: name is a mandatory field for a key',
      'resources[0].providers[0].secretbox.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded',
    ],
  ],
  [
    ['secrets'],
    [kms({ name: 'a:b', endpoint: 'http://x', timeout: '0s' })],
    [
      `resources[0].providers[0].kms.name: Invalid value: "a:b": invalid KMS provider name a:b, must not contain ':'`,
      'resources[0].providers[0].kms.timeout: Invalid value: "0s": timeout should be a positive value',
      'resources[0].providers[0].kms.endpoint: Invalid value: "http://x": unsupported scheme "http" for KMS provider, only unix is supported',
    ],
  ],
  [
    ['secrets'],
    [kms(), kms()],
    ['resources[0].providers[1].kms.name: Invalid value: "k": duplicate KMS provider name k, names must be unique'],
  ],
])('%j with %j', (resources, providers, expected) => {
  expect(problems(resources, providers)).toEqual(expected);
});

it('is of at least one resource', () => {
  expect(validateEncryption({}).map(String)).toEqual(['resources: Required value: at least one resources is required']);
});
