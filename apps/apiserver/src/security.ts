import { readFileSync } from 'node:fs';
import type { Router } from 'express';
import type { Clock, FlagValues, Logger, MetricsRegistry } from '@pilothouse/component';
import { firstOf, type Authenticator } from './authentication/authenticator.ts';
import { bearerToken, type TokenAuthenticator } from './authentication/bearer-token.ts';
import { bootstrapTokens } from './authentication/bootstrap-tokens.ts';
import { certificateExpiration } from './authentication/certificate-expiration.ts';
import { clientCertificate } from './authentication/client-certificate.ts';
import { configurationFromOidcFlags } from './authentication/jwt/oidc-flags.ts';
import {
  StructuredAuthentication,
  type StructuredAuthenticationOptions,
} from './authentication/jwt/structured-authentication.ts';
import { requestHeader } from './authentication/request-header.ts';
import { tokenFile } from './authentication/token-file.ts';
import { alwaysAllow, alwaysDeny, privilegedGroup, union, type Authorizer } from './authorization/authorizer.ts';
import { nodeAuthorizer } from './authorization/node-authorizer.ts';
import { rbacAuthorizer } from './authorization/rbac/rbac-authorizer.ts';
import { RbacPolicy } from './authorization/rbac/rbac-policy.ts';
import type {
  AuthorizerConfiguration,
  WebhookConfiguration,
} from './authorization/webhook/authorization-configuration.ts';
import { readAuthorizationConfiguration } from './authorization/webhook/read-authorization-configuration.ts';
import { webhookAuthorizer } from './authorization/webhook/webhook-authorizer.ts';
import { NODE_RULES } from './bootstrap/rbac/component-roles.ts';
import { everythingAllowed, type RuleResolver } from './authorization/rule-resolver.ts';
import type { APISERVER_FLAGS } from './flags.ts';
import type { Resources } from './registry/resources.ts';
import { LegacyServiceAccountTokens } from './service-accounts/legacy-tokens.ts';
import { openIdDiscovery } from './service-accounts/openid-discovery.ts';
import { ServiceAccountTokens } from './service-accounts/token-authenticator.ts';
import type { TokenIssuer } from './service-accounts/token-request.ts';
import { createTokenSigner } from './service-accounts/token-signer.ts';

type Flags = FlagValues<typeof APISERVER_FLAGS>;

/** Who may come in, and who may do what. */
export interface Security {
  readonly authenticator: Authenticator;
  readonly tokens: readonly TokenAuthenticator[];
  /** Whether a path may be asked for without credentials. */
  readonly allowsAnonymous: (path: string) => boolean;
  readonly close: () => void;
  readonly authorizer: Authorizer;
  readonly rules: RuleResolver;
  /** Present when RBAC is among the modes: then nobody hands out more than they have. */
  readonly rbac?: RbacPolicy;
  /** Absent without a signing key: then there are no tokens to be had. */
  readonly tokenIssuer?: TokenIssuer;
  /** Where others find how to check our tokens. */
  readonly openId?: { readonly paths: readonly string[]; readonly router: Router };
}

/** As the flags say. */
export function securityFromFlags(
  options: Flags,
  resources: Resources,
  services: { readonly clock: Clock; readonly metrics: MetricsRegistry; readonly logger: Logger },
): Security {
  const { clock, metrics } = services;
  const tokens: TokenAuthenticator[] = [];
  if (options.tokenAuthFile !== '') tokens.push(tokenFile(options.tokenAuthFile));
  const accounts = serviceAccountTokens(options, resources, clock);
  if (accounts) tokens.push(accounts);
  const legacy = legacyTokens(options, resources, () => clock.now());
  if (legacy) tokens.push(legacy);
  if (options.enableBootstrapTokenAuth) tokens.push(bootstrapTokens(resources, () => clock.now()));
  const structured = structuredAuthentication(options, services);
  if (structured) tokens.push(structured);
  const tokenIssuer = tokenIssuerFrom(options);
  const authorizers = authorizersFrom(options);
  const policy = authorizers.some(({ type }) => type === 'RBAC') ? new RbacPolicy(resources) : undefined;
  return {
    authenticator: firstOf([
      ...frontProxies(options),
      ...clientCertificates(options, clock, metrics),
      bearerToken(tokens),
    ]),
    tokens,
    allowsAnonymous: (path) => structured?.allowsAnonymous(path) ?? options.anonymousAuth,
    close: () => structured?.close(),
    authorizer: union([privilegedGroup, ...authorizers.map((each) => authorizerOf(each, policy, resources, services))]),
    rules: policy ?? everythingAllowed,
    ...(policy ? { rbac: policy } : {}),
    ...(tokenIssuer ? { tokenIssuer } : {}),
    ...(accounts
      ? { openId: openIdDiscovery(options.serviceAccountIssuer[0] ?? '', serviceAccountKeys(options)) }
      : {}),
  };
}

function structuredAuthentication(
  options: Flags,
  services: StructuredAuthenticationOptions,
): StructuredAuthentication | undefined {
  const { authenticationConfig: file, serviceAccountIssuer: ownIssuers } = options;
  const byFlags = configurationFromOidcFlags(options, ownIssuers);
  if (file === '') return byFlags && new StructuredAuthentication(byFlags, services);
  if (byFlags) throw new Error('authentication-config file and oidc-* flags are mutually exclusive');
  return StructuredAuthentication.fromFile(file, ownIssuers, services);
}

function clientCertificates({ clientCaFile }: Flags, clock: Clock, metrics: MetricsRegistry): Authenticator[] {
  if (clientCaFile === '') return [];
  return [clientCertificate(readFileSync(clientCaFile, 'utf8'), certificateExpiration(metrics, clock))];
}

function frontProxies(options: Flags): Authenticator[] {
  if (options.requestheaderClientCaFile === '') return [];
  return [
    requestHeader({
      clientCa: readFileSync(options.requestheaderClientCaFile, 'utf8'),
      allowedNames: options.requestheaderAllowedNames,
      usernameHeaders: options.requestheaderUsernameHeaders,
      groupHeaders: options.requestheaderGroupHeaders,
      extraHeaderPrefixes: options.requestheaderExtraHeadersPrefix,
    }),
  ];
}

function serviceAccountKeys(options: Flags): string[] {
  // The private key has the public one in it.
  const files =
    options.serviceAccountKeyFile.length > 0 ? options.serviceAccountKeyFile : [options.serviceAccountSigningKeyFile];
  return files.filter((file) => file !== '').map((file) => readFileSync(file, 'utf8'));
}

function serviceAccountTokens(options: Flags, resources: Resources, clock: Clock): ServiceAccountTokens | undefined {
  const publicKeyPems = serviceAccountKeys(options);
  if (publicKeyPems.length === 0) return undefined;
  return new ServiceAccountTokens({
    resources,
    publicKeyPems,
    issuers: options.serviceAccountIssuer,
    audiences: audiencesOf(options),
    lookup: options.serviceAccountLookup,
    now: () => clock.now(),
  });
}

function legacyTokens(options: Flags, resources: Resources, now: () => Date): LegacyServiceAccountTokens | undefined {
  const publicKeyPems = serviceAccountKeys(options);
  if (publicKeyPems.length === 0) return undefined;
  const { serviceAccountLookup: lookup } = options;
  return new LegacyServiceAccountTokens({ resources, publicKeyPems, audiences: audiencesOf(options), lookup, now });
}

function audiencesOf({ apiAudiences, serviceAccountIssuer }: Flags): readonly string[] {
  return apiAudiences.length > 0 ? apiAudiences : serviceAccountIssuer.slice(0, 1);
}

function tokenIssuerFrom(options: Flags): TokenIssuer | undefined {
  const { serviceAccountSigningKeyFile: file, serviceAccountIssuer, serviceAccountMaxTokenExpiration } = options;
  if (file === '') return undefined;
  return {
    signer: createTokenSigner(readFileSync(file, 'utf8'), serviceAccountIssuer[0] ?? ''),
    audiences: audiencesOf(options),
    maxExpirationSeconds: serviceAccountMaxTokenExpiration / 1000,
  };
}

/** Of the file, or of the flags that were there before it. */
function authorizersFrom(options: Flags): readonly AuthorizerConfiguration[] {
  if (options.authorizationConfig !== '') return readAuthorizationConfiguration(options.authorizationConfig);
  return options.authorizationMode.map((type) =>
    type === 'Webhook' ? { type, name: 'default', webhook: webhookFromFlags(options) } : { type },
  );
}

function webhookFromFlags(options: Flags): WebhookConfiguration {
  if (options.authorizationWebhookConfigFile === '') {
    throw new Error("authorization-mode Webhook's authorization config file not passed");
  }
  return {
    timeout: '30s',
    authorizedTTL: `${options.authorizationWebhookCacheAuthorizedTtl}ms`,
    unauthorizedTTL: `${options.authorizationWebhookCacheUnauthorizedTtl}ms`,
    subjectAccessReviewVersion: options.authorizationWebhookVersion,
    failurePolicy: 'NoOpinion',
    connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: options.authorizationWebhookConfigFile },
  };
}

function authorizerOf(
  configuration: AuthorizerConfiguration,
  policy: RbacPolicy | undefined,
  resources: Resources,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Authorizer {
  switch (configuration.type) {
    case 'RBAC':
      return rbacAuthorizer(policy!);
    case 'Node':
      return nodeAuthorizer(NODE_RULES, resources);
    case 'Webhook':
      return webhookAuthorizer(configuration, clock, logger);
    case 'AlwaysAllow':
      return alwaysAllow;
    case 'AlwaysDeny':
      return alwaysDeny;
    default:
      throw new Error(
        `unknown authorization mode ${configuration.type}: expected AlwaysAllow, AlwaysDeny, Node, RBAC or Webhook`,
      );
  }
}
