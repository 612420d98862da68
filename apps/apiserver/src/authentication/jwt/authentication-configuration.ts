import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { validateAuthentication } from './validate-authentication.ts';

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration */
export interface AuthenticationConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly jwt?: readonly JwtConfiguration[];
  readonly anonymous?: AnonymousConfiguration;
}

export interface AnonymousConfiguration {
  readonly enabled?: boolean;
  /** Only these paths may be asked for without credentials; all when there are none. */
  readonly conditions?: readonly { readonly path?: string }[];
}

/** One issuer whose tokens are believed, and what their claims mean. */
export interface JwtConfiguration {
  readonly issuer?: {
    readonly url?: string;
    readonly discoveryURL?: string;
    readonly certificateAuthority?: string;
    readonly audiences?: readonly string[];
    readonly audienceMatchPolicy?: string;
  };
  readonly claimValidationRules?: readonly {
    readonly claim?: string;
    readonly requiredValue?: string;
    readonly expression?: string;
    readonly message?: string;
  }[];
  readonly claimMappings?: {
    readonly username?: PrefixedClaim;
    readonly groups?: PrefixedClaim;
    readonly uid?: { readonly claim?: string; readonly expression?: string };
    readonly extra?: readonly { readonly key?: string; readonly valueExpression?: string }[];
  };
  readonly userValidationRules?: readonly { readonly expression?: string; readonly message?: string }[];
  /** Of flags only; a file cannot choose. */
  readonly algorithms?: readonly string[];
}

export interface PrefixedClaim {
  readonly claim?: string;
  readonly prefix?: string;
  readonly expression?: string;
}

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
