import { type FieldError, type FieldPath, invalidValue, required } from '../validation/field-error.ts';
import { isDNS1123Label, isDNS1123Subdomain } from './dns.ts';
import { isQualifiedName } from './label-syntax.ts';
import { regexError } from './messages.ts';

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** At least three segments: names of signers, webhooks and the like. */
export function isFullyQualifiedName(path: FieldPath, name: string): FieldError[] {
  if (name === '') return [required(path)];
  const messages = isDNS1123Subdomain(name);
  if (messages.length) return [invalidValue(path, name, messages.join(','))];
  return name.split('.').length < 3
    ? [invalidValue(path, name, 'should be a domain with at least three segments separated by dots')]
    : [];
}

/** At least two segments; a trailing dot is allowed. */
export function isFullyQualifiedDomainName(path: FieldPath, given: string): FieldError[] {
  if (given === '') return [required(path)];
  const name = given.endsWith('.') ? given.slice(0, -1) : given;
  const messages = isDNS1123Subdomain(name);
  if (messages.length) return [invalidValue(path, name, messages.join(','))];
  const labels = name.split('.');
  if (labels.length < 2) {
    return [invalidValue(path, name, 'should be a domain with at least two segments separated by dots')];
  }
  for (const label of labels) {
    const wrong = isDNS1123Label(label);
    if (wrong.length) return [invalidValue(path, label, wrong.join(','))];
  }
  return [];
}

/** `acme.io/foo`, where what follows the slash is an HTTP path. */
export function isDomainPrefixedPath(path: FieldPath, value: string): FieldError[] {
  if (value === '') return [required(path)];
  const slash = value.indexOf('/');
  const [host, rest] = [value.slice(0, Math.max(slash, 0)), value.slice(slash + 1)];
  if (slash < 0 || host === '' || rest === '') {
    return [invalidValue(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const errors = isDNS1123Subdomain(host).map((message) => invalidValue(path, host, message));
  if (!new RegExp(`^${HTTP_PATH}$`).test(rest)) {
    errors.push(invalidValue(path, rest, regexError('Invalid path', HTTP_PATH)));
  }
  return errors;
}

/** `acme.io/foo`, where what follows the slash is a label name. */
export function isDomainPrefixedKey(path: FieldPath, key: string): FieldError[] {
  if (key === '') return [required(path)];
  const messages = isQualifiedName(key);
  if (messages.length) return messages.map((message) => invalidValue(path, key, message));
  return key.includes('/') ? [] : [invalidValue(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')];
}
