import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { validateAuthorization } from './validate-authorization.ts';

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-configuration-file-for-authorization */
export interface AuthorizationConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly authorizers?: readonly AuthorizerConfiguration[];
}

export interface AuthorizerConfiguration {
  readonly type?: string;
  readonly name?: string;
  readonly webhook?: WebhookConfiguration;
}

export interface WebhookConfiguration {
  readonly timeout?: string;
  readonly authorizedTTL?: string;
  readonly unauthorizedTTL?: string;
  readonly subjectAccessReviewVersion?: string;
  readonly matchConditionSubjectAccessReviewVersion?: string;
  readonly failurePolicy?: string;
  readonly connectionInfo?: { readonly type?: string; readonly kubeConfigFile?: string };
  readonly matchConditions?: readonly { readonly expression?: string }[];
}

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
