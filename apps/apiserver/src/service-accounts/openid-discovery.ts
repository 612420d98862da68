import { createPublicKey } from 'node:crypto';
import { Router } from 'express';
import { algorithmOf, keyId } from './token-signer.ts';

/**
 * So that others can check our tokens: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 */
export function openIdDiscovery(issuer: string, publicKeyPems: readonly string[]): { paths: string[]; router: Router } {
  const keys = publicKeyPems.map((pem) => createPublicKey(pem));
  const jwks = {
    keys: keys.map((key) => ({ use: 'sig', ...key.export({ format: 'jwk' }), kid: keyId(key), alg: algorithmOf(key) })),
  };
  const configuration = {
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.map(algorithmOf))],
  };
  const router = Router();
  router.get('/.well-known/openid-configuration', (_request, response) => {
    response.setHeader('cache-control', 'public, max-age=3600').type('application/json').end(JSON.stringify(configuration));
  });
  router.get('/openid/v1/jwks', (_request, response) => {
    response.setHeader('cache-control', 'public, max-age=3600').type('application/jwk-set+json').end(JSON.stringify(jwks));
  });
  return { paths: ['/.well-known/openid-configuration', '/openid/v1/jwks'], router };
}
