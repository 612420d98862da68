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
  serveJson(router, '/.well-known/openid-configuration', 'application/json', configuration);
  serveJson(router, '/openid/v1/jwks', 'application/jwk-set+json', jwks);
  return { paths: ['/.well-known/openid-configuration', '/openid/v1/jwks'], router };
}

function serveJson(router: Router, path: string, contentType: string, document: object): void {
  const body = JSON.stringify(document);
  router.get(path, (_request, response) => {
    response.setHeader('cache-control', 'public, max-age=3600');
    response.setHeader('content-type', contentType);
    response.end(body);
  });
}
