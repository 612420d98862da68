import { describe, expect, it } from 'vitest';
import type { Secret } from '@pilothouse/api';
import { CONTEXT, created, exampleMeta, problemsOnCreate, problemsOnUpdate } from './example-objects.ts';
import { secret } from './secret.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('Secret', () => {
  const make = (change: Partial<Secret> = {}): Secret => ({ metadata: exampleMeta(), ...change });

  it('stores stringData as data', () => {
    const each = created(secret, make({ data: { a: base64('old') }, stringData: { a: 'new', b: 'ü' } }));
    expect(each).toEqual({ metadata: exampleMeta(), type: 'Opaque', data: { a: base64('new'), b: base64('ü') } });
  });

  it.each<[string, Partial<Secret>, string[]]>([
    [
      'a certificate without its key',
      { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } },
      ['data[tls.key]: Required value'],
    ],
    [
      'an account token of nobody',
      { type: 'kubernetes.io/service-account-token' },
      ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
    [
      'neither user name nor password',
      { type: 'kubernetes.io/basic-auth' },
      ['data[username]: Required value', 'data[password]: Required value'],
    ],
    ['only a password', { type: 'kubernetes.io/basic-auth', data: { password: '' } }, []],
    [
      'registry credentials that are no object',
      {
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': base64('"secret"') },
      },
      [
        'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal string into Go value of type map[string]interface {}',
      ],
    ],
  ])('with %s', (_, change, expected) => expect(problemsOnCreate(secret, make(change))).toEqual(expected));

  it('keeps its type', () => {
    const old = created(secret, make({ type: 'example.com/a' }));
    expect(problemsOnUpdate(secret, old, (each) => (each.type = 'example.com/b'))).toEqual([
      'type: Invalid value: "example.com/b": field is immutable',
    ]);
  });

  it('warns of a key that does not fit its certificate', () => {
    const pem = (type: string): string => base64(`-----BEGIN ${type}-----\nAAAA\n-----END ${type}-----\n`);
    const warnings = (crt: string, key: string): string[] =>
      secret.strategy!.warnings!(
        make({ type: 'kubernetes.io/tls', data: { 'tls.crt': crt, 'tls.key': key } }),
        undefined,
        CONTEXT,
      );
    expect(warnings('', '')).toEqual(['tls: failed to find any PEM data in certificate input']);
    expect(warnings(pem('RSA PRIVATE KEY'), '')).toEqual([
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ]);
    expect(warnings(pem('CERTIFICATE'), pem('CERTIFICATE'))).toEqual([
      'tls: found a certificate rather than a key in the PEM for the private key',
    ]);
    expect(warnings(pem('CERTIFICATE'), pem('PRIVATE KEY'))).toEqual(['x509: malformed certificate']);
  });
});
