import { compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { Secret } from '@pilothouse/api';
import { detachedSignature, planSignatures } from './plan.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const ID = 'abcdef';
const SECRET = '0123456789abcdef';
const token = (change: Record<string, string> = {}, name = `bootstrap-token-${ID}`): Secret => {
  const data = { 'token-id': ID, 'token-secret': SECRET, 'usage-bootstrap-signing': 'true', ...change };
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { metadata: { name }, data: Object.fromEntries(encoded) as Record<string, string> };
};
const signed = { kubeconfig: 'content', [`jws-kubeconfig-${ID}`]: detachedSignature('content', ID, SECRET) };

describe('the signatures of cluster-info', () => {
  it('can be verified by whoever knows the token, with the content put back', async () => {
    const [header, , signature] = signed[`jws-kubeconfig-${ID}`]!.split('.');
    const whole = `${header}.${Buffer.from('content').toString('base64url')}.${signature}`;
    const { protectedHeader } = await compactVerify(whole, Buffer.from(SECRET));
    expect(protectedHeader).toEqual({ alg: 'HS256', kid: ID });
  });

  it.each<[string, Secret[], Record<string, string>]>([
    ['are those of the tokens', [token()], signed],
    ['go with their token', [], { kubeconfig: 'content' }],
    ['need a token that may sign', [token({ 'usage-bootstrap-signing': 'false' })], { kubeconfig: 'content' }],
    ['need a token that is not over', [token({ expiration: '2025-12-31T00:00:00Z' })], { kubeconfig: 'content' }],
    ['are made while it lasts', [token({ expiration: '2026-01-02T00:00:00Z' })], signed],
    ['need a well-formed token', [token({ 'token-secret': 'short' })], { kubeconfig: 'content' }],
    ['need a token under its own name', [token({}, 'bootstrap-token-other')], { kubeconfig: 'content' }],
  ])('%s', (_, tokens, expected) => expect(planSignatures(signed, tokens, NOW)).toEqual(expected));

  it('are written only when they change', () => {
    expect(planSignatures(signed, [token()], NOW)).toBe(signed);
    expect(planSignatures({ ...signed, kubeconfig: 'new' }, [token()], NOW)).not.toEqual(signed);
    const without = { other: 'a' };
    expect(planSignatures(without, [token()], NOW)).toBe(without);
  });
});
