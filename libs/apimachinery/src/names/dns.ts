import { byteLength, maxLenError, regexError } from './messages.ts';

/**
 * Rules for names, each returning what is wrong in upstream's words and nothing when all is well.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names
 */
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_WITH_UNDERSCORE = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SUBDOMAIN_WITH_UNDERSCORE = `${LABEL_WITH_UNDERSCORE}(\\.${LABEL_WITH_UNDERSCORE})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const WILDCARD = `\\*\\.${SUBDOMAIN}`;

const labelPattern = new RegExp(`^${LABEL}$`);
const subdomainPattern = new RegExp(`^${SUBDOMAIN}$`);
const subdomainWithUnderscorePattern = new RegExp(`^${SUBDOMAIN_WITH_UNDERSCORE}$`);
const label1035Pattern = new RegExp(`^${LABEL_1035}$`);
const wildcardPattern = new RegExp(`^${WILDCARD}$`);

export const DNS_LABEL_MAX_LENGTH = 63;
export const DNS_SUBDOMAIN_MAX_LENGTH = 253;

const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

export function isDNS1123Label(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > DNS_LABEL_MAX_LENGTH) messages.push(maxLenError(DNS_LABEL_MAX_LENGTH));
  if (!labelPattern.test(value)) {
    messages.push(
      subdomainPattern.test(value)
        ? 'must not contain dots'
        : regexError(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            LABEL,
            'my-name',
            '123-abc',
          ),
    );
  }
  return messages;
}

export function isDNS1123Subdomain(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > DNS_SUBDOMAIN_MAX_LENGTH) messages.push(maxLenError(DNS_SUBDOMAIN_MAX_LENGTH));
  if (!subdomainPattern.test(value)) messages.push(regexError(SUBDOMAIN_MESSAGE, SUBDOMAIN, 'example.com'));
  return messages;
}

/** DNS search paths of a pod may have underscores. */
export function isDNS1123SubdomainWithUnderscore(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > DNS_SUBDOMAIN_MAX_LENGTH) messages.push(maxLenError(DNS_SUBDOMAIN_MAX_LENGTH));
  if (!subdomainWithUnderscorePattern.test(value)) {
    messages.push(
      regexError(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
        SUBDOMAIN_WITH_UNDERSCORE,
        'example.com',
      ),
    );
  }
  return messages;
}

export function isDNS1035Label(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > DNS_LABEL_MAX_LENGTH) messages.push(maxLenError(DNS_LABEL_MAX_LENGTH));
  if (!label1035Pattern.test(value)) {
    messages.push(
      regexError(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        LABEL_1035,
        'my-name',
        'abc-123',
      ),
    );
  }
  return messages;
}

/** `*.example.com`, RFC 1034 section 4.3.3: a wildcard for exactly one label. */
export function isWildcardDNS1123Subdomain(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > DNS_SUBDOMAIN_MAX_LENGTH) messages.push(maxLenError(DNS_SUBDOMAIN_MAX_LENGTH));
  if (!wildcardPattern.test(value)) {
    messages.push(
      regexError(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        WILDCARD,
        '*.example.com',
      ),
    );
  }
  return messages;
}
