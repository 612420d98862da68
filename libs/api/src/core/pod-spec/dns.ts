import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDNS1123Subdomain,
  isDNS1123SubdomainWithUnderscore,
  required,
} from '@pilothouse/apimachinery';
import type { HostAlias, PodSpec } from '@pilothouse/api';
import { validateLegacyIp } from '../validation/ip-address.ts';
import { pushInvalid } from '../validation/push-invalid.ts';

// What the resolver of libc can take.
const MAX_NAMESERVERS = 3;
const MAX_SEARCH_PATHS = 32;
const MAX_SEARCH_CHARACTERS = 2048;

export function validateDnsConfig(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const config = spec.dnsConfig;
  if (spec.dnsPolicy === 'None') {
    if (!config) {
      errors.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
      return;
    }
    if (!config.nameservers?.length) {
      const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      errors.push(required(path.child('nameservers'), detail));
      return;
    }
  }
  if (!config) return;
  const { nameservers = [], searches = [], options = [] } = config;
  if (nameservers.length > MAX_NAMESERVERS) {
    const detail = `must not have more than ${MAX_NAMESERVERS} nameservers`;
    errors.push(invalidValue(path.child('nameservers'), nameservers, detail));
  }
  nameservers.forEach((address, i) => validateLegacyIp(address, path.child('nameservers').index(i), errors));
  if (searches.length > MAX_SEARCH_PATHS) {
    const detail = `must not have more than ${MAX_SEARCH_PATHS} search paths`;
    errors.push(invalidValue(path.child('searches'), searches, detail));
  }
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    const detail = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`;
    errors.push(invalidValue(path.child('searches'), searches, detail));
  }
  searches.forEach((search, i) => {
    if (search === '.') return;
    const domain = search.endsWith('.') ? search.slice(0, -1) : search;
    pushInvalid(errors, path.child('searches').index(i), domain, isDNS1123SubdomainWithUnderscore(domain));
  });
  options.forEach((option, i) => {
    if (!option.name) errors.push(required(path.child('options').index(i), 'must not be empty'));
  });
}

/** Lines for the pod's /etc/hosts. */
export function validateHostAliases(aliases: readonly HostAlias[], path: FieldPath, errors: FieldError[]): void {
  aliases.forEach((alias, i) => {
    validateLegacyIp(alias.ip, path.index(i).child('ip'), errors);
    (alias.hostnames ?? []).forEach((name, j) => {
      pushInvalid(errors, path.index(i).child('hostnames').index(j), name, isDNS1123Subdomain(name));
    });
  });
}
