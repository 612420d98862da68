import { DNS_SUBDOMAIN_MAX_LENGTH } from './dns.ts';
import { byteLength, EMPTY_ERROR, inclusiveRangeError, maxLenError, regexError } from './messages.ts';

/** Rules for the names that stand inside specs: environment variables, config keys, headers, ports, user ids. */
export function isCIdentifier(value: string): string[] {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return [];
  return [
    regexError(
      "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
      '[A-Za-z_][A-Za-z0-9_]*',
      'my_name',
      'MY_NAME',
      'MyName',
    ),
  ];
}

/** The older, strict rule; a container's `env` follows the relaxed one. */
export function isEnvVarName(value: string): string[] {
  const messages: string[] = [];
  if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(value)) {
    messages.push(
      regexError(
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
        '[-._a-zA-Z][-._a-zA-Z0-9]*',
        'my.env-name',
        'MY_ENV.NAME',
        'MyEnvName1',
      ),
    );
  }
  return [...messages, ...hasParentPrefix(value)];
}

export function isRelaxedEnvVarName(value: string): string[] {
  if (value === '') return [`environment variable name ${EMPTY_ERROR}`];
  return /^[ -<>-~]*$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** A key of a ConfigMap or Secret, which becomes a file name. */
export function isConfigMapKey(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > DNS_SUBDOMAIN_MAX_LENGTH) messages.push(maxLenError(DNS_SUBDOMAIN_MAX_LENGTH));
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) {
    messages.push(
      regexError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  }
  return [...messages, ...hasParentPrefix(value)];
}

export function isHTTPHeaderName(value: string): string[] {
  if (/^[-A-Za-z0-9]+$/.test(value)) return [];
  return [
    regexError("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name'),
  ];
}

export function isValidPortNum(port: number): string[] {
  return isInRange(port, 1, 65535);
}

/** An IANA service name (RFC 6335), lower case only. */
export function isValidPortName(name: string): string[] {
  const messages: string[] = [];
  if (byteLength(name) > 15) messages.push(maxLenError(15));
  if (!/^[-a-z0-9]+$/.test(name)) {
    messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(name)) messages.push('must contain at least one letter (a-z)');
  if (name.includes('--')) messages.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

export function isInRange(value: number, low: number, high: number): string[] {
  return Number.isInteger(value) && value >= low && value <= high ? [] : [inclusiveRangeError(low, high)];
}

/** User and group ids, as upstream's container runtimes take them: up to 2³¹ - 1. */
export const isValidUserID = (id: number): string[] => isInRange(id, 0, 2 ** 31 - 1);
export const isValidGroupID = (id: number): string[] => isInRange(id, 0, 2 ** 31 - 1);

function hasParentPrefix(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}
