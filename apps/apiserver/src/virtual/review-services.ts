import type { Authorizer } from '../authorization/authorizer.ts';
import type { RuleResolver } from '../authorization/rule-resolver.ts';
import type { TokenAuthenticator } from '../authentication/bearer-token.ts';

/** Whom the reviews ask. */
export interface ReviewServices {
  readonly authorizer: Authorizer;
  readonly tokens: readonly TokenAuthenticator[];
  readonly rules: RuleResolver;
}
