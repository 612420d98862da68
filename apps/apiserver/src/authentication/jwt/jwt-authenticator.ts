import { decodeJwt, jwtVerify, type JWTPayload } from 'jose';
import { unauthorized } from '@pilothouse/apimachinery';
import type { Clock, Logger } from '@pilothouse/component';
import type { TokenAuthenticator } from '../bearer-token.ts';
import type { UserInfo } from '../user-info.ts';
import type { JwtConfiguration, PrefixedClaim } from './authentication-configuration.ts';
import { evaluateExpression } from './claim-expressions.ts';
import { SigningKeys } from './signing-keys.ts';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'];

/** Believes the tokens of an issuer outside. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens */
export class JwtAuthenticator implements TokenAuthenticator {
  readonly #configuration: JwtConfiguration;
  readonly #issuer: string;
  readonly #keys: SigningKeys;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(configuration: JwtConfiguration, clock: Clock, logger: Logger) {
    const { url = '', discoveryURL, certificateAuthority } = configuration.issuer ?? {};
    this.#configuration = configuration;
    this.#issuer = url;
    this.#clock = clock;
    this.#logger = logger;
    const discoveryUrl = discoveryURL || undefined;
    this.#keys = new SigningKeys({ issuer: url, discoveryUrl, ca: certificateAuthority || undefined }, clock);
  }

  async authenticateToken(token: string): Promise<UserInfo | undefined> {
    if (issuerOf(token) !== this.#issuer) return undefined;
    try {
      const { payload } = await jwtVerify(token, this.#keys.get, {
        issuer: this.#issuer,
        audience: [...(this.#configuration.issuer?.audiences ?? [])],
        algorithms: [...(this.#configuration.algorithms ?? ALGORITHMS)],
        currentDate: this.#clock.now(),
        requiredClaims: ['exp'],
      });
      return userOf(this.#configuration, payload);
    } catch (error) {
      // The holder of a token is not told what is wrong with it; whoever looks after the cluster is.
      this.#logger.warn({ issuer: this.#issuer, err: (error as Error).message }, 'Unable to authenticate the request');
      throw unauthorized();
    }
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** What the claims say, if they and the user that they make are as they should be. Throws when not. */
export function userOf(configuration: JwtConfiguration, claims: JWTPayload): UserInfo {
  const { claimValidationRules = [], claimMappings = {}, userValidationRules = [] } = configuration;
  for (const { claim, requiredValue = '', expression, message } of claimValidationRules) {
    if (claim && claims[claim] !== requiredValue) {
      throw new Error(`oidc: required claim ${claim} not present, or its value is not the required one`);
    }
    if (expression && evaluateExpression('claims', expression, claims) !== true) {
      throw new Error(
        `oidc: error evaluating claim validation expression: validation expression '${expression}' failed: ${message ?? ''}`,
      );
    }
  }
  const { username = {}, groups = {}, uid = {}, extra = [] } = claimMappings;
  const name = usernameOf(username, claims);
  const id = uid.expression ? evaluateExpression('claims', uid.expression, claims) : uid.claim && claims[uid.claim];
  if (id !== undefined && id !== null && typeof id !== 'string') throw new Error('oidc: uid is not a string');
  const extras = extra.flatMap(({ key = '', valueExpression = '' }) => {
    const values = textsOf(evaluateExpression('claims', valueExpression, claims), `extra ${key}`);
    return values.length > 0 ? [[key, values] as const] : [];
  });
  const user: UserInfo = {
    name,
    ...(id ? { uid: id } : {}),
    groups: groupsOf(groups, claims),
    ...(extras.length > 0 ? { extra: Object.fromEntries(extras) } : {}),
  };
  const shown = { username: name, uid: id ?? '', groups: user.groups, extra: user.extra ?? {} };
  for (const { expression = '', message = '' } of userValidationRules) {
    if (evaluateExpression('user', expression, shown) === true) continue;
    throw new Error(
      `oidc: error evaluating user info validation rule: validation expression '${expression}' failed: ${message}`,
    );
  }
  return user;
}

function usernameOf({ claim, prefix = '', expression }: PrefixedClaim, claims: JWTPayload): string {
  if (claim === 'email' && claims['email_verified'] !== undefined && claims['email_verified'] !== true) {
    throw new Error('oidc: email not verified');
  }
  const value = expression ? evaluateExpression('claims', expression, claims) : claims[claim ?? ''];
  if (typeof value !== 'string' || value === '')
    throw new Error(`oidc: parse username claims "${claim ?? expression}"`);
  return expression ? value : prefix + value;
}

function groupsOf({ claim, prefix = '', expression }: PrefixedClaim, claims: JWTPayload): string[] {
  if (expression) return textsOf(evaluateExpression('claims', expression, claims), 'groups');
  return claim ? textsOf(claims[claim], 'groups').map((group) => prefix + group) : [];
}

/** One text, a list of them, or none; empty texts are none. */
function textsOf(value: unknown, what: string): string[] {
  if (value === undefined || value === null || value === '') return [];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (!values.every((each) => typeof each === 'string'))
    throw new Error(`oidc: ${what} must be a string or a list of strings`);
  return values.filter((each) => each !== '');
}
