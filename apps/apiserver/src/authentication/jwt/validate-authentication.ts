import { X509Certificate } from 'node:crypto';
import {
  duplicate,
  type FieldError,
  type FieldPath,
  fieldPath,
  invalidValue,
  required,
  tooMany,
} from '@pilothouse/apimachinery';
import { compileExpression, isCondition, type Subject } from './claim-expressions.ts';
import type { AuthenticationConfiguration, JwtConfiguration, PrefixedClaim } from './authentication-configuration.ts';

const MAX_ISSUERS = 64;

/** In upstream's order and words. */
export function validateAuthentication(
  { jwt = [], anonymous }: AuthenticationConfiguration,
  ownIssuers: readonly string[],
): FieldError[] {
  const root = fieldPath('jwt');
  if (jwt.length > MAX_ISSUERS) return [tooMany(root, jwt.length, MAX_ISSUERS)];
  const errors: FieldError[] = [];
  const [issuers, discoveryUrls] = [new Set<string>(), new Set<string>()];
  jwt.forEach((each, i) => {
    const at = root.index(i);
    validateJwt(each, at, ownIssuers, errors);
    const { url = '', discoveryURL = '' } = each.issuer ?? {};
    if (issuers.has(url)) errors.push(duplicate(at.child('issuer', 'url'), url));
    issuers.add(url);
    if (discoveryURL !== '' && discoveryUrls.has(discoveryURL))
      errors.push(duplicate(at.child('issuer', 'discoveryURL'), discoveryURL));
    discoveryUrls.add(discoveryURL);
  });
  if (anonymous && !anonymous.enabled && (anonymous.conditions ?? []).length > 0) {
    const why = 'enabled should be set to true when conditions are defined';
    errors.push(invalidValue(fieldPath('anonymous', 'conditions'), anonymous.conditions, why));
  }
  return errors;
}

function validateJwt(jwt: JwtConfiguration, at: FieldPath, ownIssuers: readonly string[], errors: FieldError[]): void {
  validateIssuer(jwt.issuer ?? {}, at.child('issuer'), ownIssuers, errors);
  validateClaimRules(jwt.claimValidationRules ?? [], at.child('claimValidationRules'), errors);
  validateMappings(jwt.claimMappings ?? {}, at.child('claimMappings'), errors);
  const seen = new Set<string>();
  (jwt.userValidationRules ?? []).forEach(({ expression = '' }, i) => {
    const expressionAt = at.child('userValidationRules').index(i).child('expression');
    if (seen.has(expression)) errors.push(duplicate(expressionAt, expression));
    else validateExpression('user', expression, expressionAt, true, errors);
    seen.add(expression);
  });
}

function validateIssuer(
  issuer: NonNullable<JwtConfiguration['issuer']>,
  at: FieldPath,
  ownIssuers: readonly string[],
  errors: FieldError[],
): void {
  const { url = '', discoveryURL = '', certificateAuthority = '', audiences = [], audienceMatchPolicy = '' } = issuer;
  if (url === '') errors.push(required(at.child('url')));
  else validateUrl(url, at.child('url'), ownIssuers, errors);
  if (discoveryURL !== '') {
    const discoveryAt = at.child('discoveryURL');
    if (url.replace(/\/+$/, '') === discoveryURL.replace(/\/+$/, ''))
      errors.push(invalidValue(discoveryAt, discoveryURL, 'discoveryURL must be different from URL'));
    validateUrl(discoveryURL, discoveryAt, [], errors);
  }
  const audiencesAt = at.child('audiences');
  if (audiences.length === 0) errors.push(required(audiencesAt, `at least one ${audiencesAt.text} is required`));
  audiences.forEach((audience, i) => {
    if (audience === '') errors.push(required(audiencesAt.index(i)));
    if (audiences.indexOf(audience) < i) errors.push(duplicate(audiencesAt.index(i), audience));
  });
  if (audienceMatchPolicy !== 'MatchAny' && (audiences.length > 1 || (audiences.length === 1 && audienceMatchPolicy))) {
    const why =
      audiences.length > 1
        ? 'audienceMatchPolicy must be MatchAny for multiple audiences'
        : 'audienceMatchPolicy must be empty or MatchAny for single audience';
    errors.push(invalidValue(at.child('audienceMatchPolicy'), audienceMatchPolicy, why));
  }
  if (certificateAuthority === '') return;
  try {
    new X509Certificate(certificateAuthority);
  } catch {
    const why = 'data does not contain any valid RSA or ECDSA certificates';
    errors.push(invalidValue(at.child('certificateAuthority'), '<omitted>', why));
  }
}

function validateUrl(text: string, at: FieldPath, disallowed: readonly string[], errors: FieldError[]): void {
  const complain = (why: string): void => void errors.push(invalidValue(at, text, why));
  if (disallowed.includes(text)) complain(`URL must not overlap with disallowed issuers: [${disallowed.join(' ')}]`);
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') complain('URL scheme must be https');
  if (url?.username || url?.password) complain('URL must not contain a username or password');
  if (url?.search) complain('URL must not contain a query');
  if (url?.hash) complain('URL must not contain a fragment');
}

type ClaimRules = NonNullable<JwtConfiguration['claimValidationRules']>;

function validateClaimRules(rules: ClaimRules, at: FieldPath, errors: FieldError[]): void {
  const [claims, expressions] = [new Set<string>(), new Set<string>()];
  rules.forEach(({ claim = '', requiredValue = '', expression = '', message = '' }, i) => {
    const ruleAt = at.index(i);
    if (claim && expression) errors.push(invalidValue(ruleAt, claim, "claim and expression can't both be set"));
    else if (claim) {
      if (message)
        errors.push(invalidValue(ruleAt.child('message'), message, 'may not be specified when claim is set'));
      if (claims.has(claim)) errors.push(duplicate(ruleAt.child('claim'), claim));
      claims.add(claim);
    } else if (expression) {
      if (requiredValue) {
        const why = 'may not be specified when expression is set';
        errors.push(invalidValue(ruleAt.child('requiredValue'), requiredValue, why));
      }
      if (expressions.has(expression)) errors.push(duplicate(ruleAt.child('expression'), expression));
      else validateExpression('claims', expression, ruleAt.child('expression'), true, errors);
      expressions.add(expression);
    } else errors.push(required(ruleAt, 'claim or expression is required'));
  });
}

function validateMappings(
  { username = {}, groups = {}, uid = {}, extra = [] }: NonNullable<JwtConfiguration['claimMappings']>,
  at: FieldPath,
  errors: FieldError[],
): void {
  validateClaim(username, at.child('username'), true, errors);
  validateClaim(groups, at.child('groups'), false, errors);
  if (uid.claim && uid.expression) {
    errors.push(invalidValue(at.child('uid'), '', "claim and expression can't both be set"));
  } else if (uid.expression) {
    validateExpression('claims', uid.expression, at.child('uid', 'expression'), false, errors);
  }
  extra.forEach(({ key = '', valueExpression = '' }, i) => {
    const extraAt = at.child('extra').index(i);
    const keyAt = extraAt.child('key');
    if (key === '') errors.push(required(keyAt));
    else if (!/^[^/]+\.[^/]+\/.+$/.test(key)) {
      errors.push(invalidValue(keyAt, key, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    }
    if (key !== key.toLowerCase()) errors.push(invalidValue(keyAt, key, 'must be lowercase'));
    if (/^(.*\.)?(k8s|kubernetes)\.io\//.test(key)) {
      const why = 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use';
      errors.push(invalidValue(keyAt, key, why));
    }
    if (extra.findIndex((other) => other.key === key) < i) errors.push(duplicate(keyAt, key));
    else validateExpression('claims', valueExpression, extraAt.child('valueExpression'), false, errors);
  });
}

function validateClaim(
  { claim = '', prefix, expression = '' }: PrefixedClaim,
  at: FieldPath,
  isRequired: boolean,
  errors: FieldError[],
): void {
  if (claim && expression) errors.push(invalidValue(at, '', "claim and expression can't both be set"));
  else if (expression) {
    if (prefix !== undefined)
      errors.push(invalidValue(at.child('prefix'), prefix, 'prefix cannot be set when expression is set'));
    validateExpression('claims', expression, at.child('expression'), false, errors);
  } else if (claim) {
    if (prefix === undefined) {
      const why = 'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
      errors.push(required(at.child('prefix'), why));
    }
  } else if (isRequired) errors.push(required(at, 'claim or expression is required'));
  else if (prefix !== undefined) {
    errors.push(required(at.child('claim'), 'claim is required when prefix is set'));
  }
}

function validateExpression(
  subject: Subject,
  source: string,
  at: FieldPath,
  mustBeCondition: boolean,
  errors: FieldError[],
): void {
  if (source === '') {
    errors.push(required(at, 'expression is required'));
    return;
  }
  try {
    if (mustBeCondition && !isCondition(compileExpression(subject, source))) {
      errors.push(invalidValue(at, source, 'must evaluate to bool'));
    }
    compileExpression(subject, source);
  } catch (error) {
    errors.push(invalidValue(at, source, `compilation failed: ${(error as Error).message}`));
  }
}
