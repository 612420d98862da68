import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { Secret, ServiceAccount } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { planToken } from './plan.ts';

const pem = { type: 'pkcs8', format: 'pem' } as const;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKeyPem = privateKey.export(pem).toString();
const options = { privateKeyPem, rootCa: 'CA' };
const account = { metadata: { name: 'bot', namespace: 'ns', uid: 'u1' } } as unknown as ServiceAccount;
const secret = (uid?: string, data?: Record<string, string>): Secret => {
  const own = uid === undefined ? {} : { 'kubernetes.io/service-account.uid': uid };
  const annotations = { 'kubernetes.io/service-account.name': 'bot', ...own };
  return { metadata: { name: 's', namespace: 'ns', annotations }, ...(data ? { data } : {}) } as unknown as Secret;
};

describe('a Secret for a token', () => {
  it('is filled, once', () => {
    const plan = planToken(secret(), account, options);
    if (plan.do !== 'update') throw new Error(plan.do);
    const { data = {}, metadata } = plan.secret;
    expect(metadata.annotations?.['kubernetes.io/service-account.uid']).toBe('u1');
    expect(Buffer.from(data['namespace'] ?? '', 'base64').toString()).toBe('ns');
    const [header, claims, signature] = Buffer.from(data['token'] ?? '', 'base64')
      .toString()
      .split('.');
    const key = { key: createPublicKey(privateKeyPem), dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature!, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toMatchObject({
      sub: 'system:serviceaccount:ns:bot',
      'kubernetes.io/serviceaccount/secret.name': 's',
    });
    expect(planToken(plan.secret, account, options)).toEqual({ do: 'nothing' });
  });

  it('goes with its account, and does not pass to another of the same name', () => {
    expect(planToken(secret('u1'), undefined, options)).toEqual({ do: 'delete' });
    expect(planToken(secret('u0'), account, options)).toEqual({ do: 'delete' });
  });
});
