import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { AuthorizationConfiguration, AuthorizerConfiguration } from './authorization-configuration.ts';
import { validateAuthorization } from './validate-authorization.ts';

const API_VERSIONS = new Set([
  'apiserver.config.k8s.io/v1',
  'apiserver.config.k8s.io/v1beta1',
  'apiserver.config.k8s.io/v1alpha1',
]);

/** Throws when the file is not what it should be. */
export function readAuthorizationConfiguration(file: string): readonly AuthorizerConfiguration[] {
  const configuration = parse(readFileSync(file, 'utf8')) as AuthorizationConfiguration | null;
  if (configuration?.kind !== 'AuthorizationConfiguration' || !API_VERSIONS.has(configuration.apiVersion ?? '')) {
    throw new Error(`${file}: expected an apiserver.config.k8s.io/v1 AuthorizationConfiguration`);
  }
  const errors = validateAuthorization(configuration);
  if (errors.length > 0) throw new Error(`${file}: ${errors.join(', ')}`);
  return configuration.authorizers ?? [];
}
