import { readFileSync } from 'node:fs';
import { flag, type FlagValues } from '@pilothouse/component';
import type { AuthenticationConfiguration } from './authentication-configuration.ts';
import { validateAuthentication } from './validate-authentication.ts';

/** One issuer by flags, which came before there were files. */
export const OIDC_FLAGS = {
  'oidc-ca-file': flag.string({ description: 'Authority of the OpenID server; those of the system unless given.' }),
  'oidc-client-id': flag.string({ description: 'The audience of OpenID tokens.' }),
  'oidc-groups-claim': flag.string({ description: 'The claim of OpenID tokens with the user’s groups.' }),
  'oidc-groups-prefix': flag.string({ description: 'What stands before groups from OpenID tokens.' }),
  'oidc-issuer-url': flag.string({ description: 'The OpenID issuer whose tokens are believed.' }),
  'oidc-required-claim': flag.map({ description: 'Claims that OpenID tokens must have, and their values.' }),
  'oidc-signing-algs': flag.list({ default: ['RS256'], description: 'How OpenID tokens may be signed.' }),
  'oidc-username-claim': flag.string({
    default: 'sub',
    description: 'The claim of OpenID tokens with the user’s name.',
  }),
  'oidc-username-prefix': flag.string({
    description: 'What stands before names from OpenID tokens: the issuer unless given, nothing for -.',
  }),
} as const;

/** Undefined when no issuer is given. Throws when flags do not go together. */
export function configurationFromOidcFlags(
  options: FlagValues<typeof OIDC_FLAGS>,
  ownIssuers: readonly string[],
): AuthenticationConfiguration | undefined {
  const { oidcIssuerUrl: url, oidcClientId: audience, oidcUsernameClaim: claim, oidcGroupsClaim } = options;
  if (url === '' && audience === '') return undefined;
  if (url === '' || audience === '') {
    throw new Error('oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set');
  }
  const byDefault = claim === 'email' ? '' : `${url}#`;
  const prefix = options.oidcUsernamePrefix === '-' ? '' : options.oidcUsernamePrefix || byDefault;
  const configuration: AuthenticationConfiguration = {
    jwt: [
      {
        issuer: {
          ...{ url, audiences: [audience] },
          ...(options.oidcCaFile === '' ? {} : { certificateAuthority: readFileSync(options.oidcCaFile, 'utf8') }),
        },
        claimValidationRules: Object.entries(options.oidcRequiredClaim).map(([name, requiredValue]) => ({
          claim: name,
          requiredValue,
        })),
        claimMappings: {
          username: { claim, prefix },
          ...(oidcGroupsClaim === '' ? {} : { groups: { claim: oidcGroupsClaim, prefix: options.oidcGroupsPrefix } }),
        },
        algorithms: options.oidcSigningAlgs,
      },
    ],
  };
  const errors = validateAuthentication(configuration, ownIssuers);
  if (errors.length > 0) throw new Error(errors.join(', '));
  return configuration;
}
