import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDNS1123Label,
  isDNS1123Subdomain,
  nameIsDNSSubdomain,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import { pushInvalid } from './push-invalid.ts';

const MAX_DOMAIN = 253;
/** A namespace, a dot and a name. */
const MAX_PATH = 253 + 63 + 1;

/** `example.com/signer`: a domain and a name in it, as certificate requests name their signers. */
export function validateSignerName(name: string, path: FieldPath, errors: FieldError[]): void {
  if (name === '') {
    errors.push(required(path));
    return;
  }
  const [domain = '', signer = '', ...rest] = name.split('/');
  if (rest.length > 0 || !name.includes('/')) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(invalidValue(path, name, detail));
    return;
  }
  if (domain.length > MAX_DOMAIN) errors.push(tooLong(path, MAX_DOMAIN));
  const labels = domain.split('.');
  pushInvalid(errors, path, domain, problemsOfFirst(labels, isDNS1123Label));
  if (labels.length < 2) {
    errors.push(invalidValue(path, domain, 'should be a domain with at least two segments separated by dots'));
  }
  pushInvalid(errors, path, signer, problemsOfFirst(signer.split('.'), isDNS1123Subdomain));
  const max = MAX_DOMAIN + MAX_PATH + 1;
  if (name.length > max) errors.push(tooLong(path, max));
}

/** More than the first wrong label would only repeat it. */
function problemsOfFirst(labels: readonly string[], rule: (label: string) => string[]): string[] {
  const wrong = labels.find((label) => rule(label).length > 0);
  if (wrong === undefined) return [];
  return rule(wrong).map((problem) => `validating label ${JSON.stringify(wrong)}: ${problem}`);
}

export function isKubernetesSigner(name: string): boolean {
  const domain = name.split('/', 1)[0] ?? '';
  return domain === 'kubernetes.io' || domain.endsWith('.kubernetes.io');
}

/** A trust bundle of a signer is named after it: `example.com:signer:name`. */
export function trustBundleNameProblems(name: string): string[] {
  const split = name.lastIndexOf(':');
  return nameIsDNSSubdomain(name.slice(split + 1), false);
}
