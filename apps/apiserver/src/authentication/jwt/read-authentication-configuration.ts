import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { AuthenticationConfiguration } from './authentication-configuration.ts';
import { validateAuthentication } from './validate-authentication.ts';

const API_VERSIONS = new Set([
  'apiserver.config.k8s.io/v1',
  'apiserver.config.k8s.io/v1beta1',
  'apiserver.config.k8s.io/v1alpha1',
]);
const FIELDS = new Set(['apiVersion', 'kind', 'jwt', 'anonymous']);

/** Throws when the file is not what it should be. `ownIssuers` are those of this cluster's own tokens. */
export function readAuthenticationConfiguration(
  file: string,
  ownIssuers: readonly string[],
): AuthenticationConfiguration {
  const configuration = parse(readFileSync(file, 'utf8')) as AuthenticationConfiguration | null;
  if (configuration?.kind !== 'AuthenticationConfiguration' || !API_VERSIONS.has(configuration.apiVersion ?? '')) {
    throw new Error(`${file}: expected an apiserver.config.k8s.io/v1 AuthenticationConfiguration`);
  }
  const unknown = Object.keys(configuration).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) throw new Error(`${file}: strict decoding error: unknown field "${unknown}"`);
  const errors = validateAuthentication(configuration, ownIssuers);
  if (errors.length > 0) throw new Error(`${file}: ${errors.join(', ')}`);
  return configuration;
}
