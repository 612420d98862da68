import type { Clock, FlagValues } from '@pilothouse/component';
import { firstOf, type Authenticator } from './authentication/authenticator.ts';
import { bearerToken, type TokenAuthenticator } from './authentication/bearer-token.ts';
import { clientCertificate } from './authentication/client-certificate.ts';
import { tokenFile } from './authentication/token-file.ts';
import { alwaysAllow, alwaysDeny, privilegedGroup, union, type Authorizer } from './authorization/authorizer.ts';
import type { APISERVER_FLAGS } from './flags.ts';
import type { Resources } from './registry/resources.ts';

type Flags = FlagValues<typeof APISERVER_FLAGS>;

/** Who may come in, and who may do what, as the flags say. */
export function securityFromFlags(
  options: Flags,
  resources: Resources,
  _clock: Clock,
): { authenticator: Authenticator; authorizer: Authorizer } {
  const tokens: TokenAuthenticator[] = [];
  if (options.tokenAuthFile !== '') tokens.push(tokenFile(options.tokenAuthFile));
  return {
    authenticator: firstOf([clientCertificate, bearerToken(tokens)]),
    authorizer: union([privilegedGroup, ...options.authorizationMode.map((mode) => authorizerOf(mode, resources))]),
  };
}

function authorizerOf(mode: string, _resources: Resources): Authorizer {
  switch (mode) {
    case 'AlwaysAllow':
      return alwaysAllow;
    case 'AlwaysDeny':
      return alwaysDeny;
    default:
      throw new Error(`unknown authorization mode ${mode}: expected AlwaysAllow, AlwaysDeny, Node or RBAC`);
  }
}
