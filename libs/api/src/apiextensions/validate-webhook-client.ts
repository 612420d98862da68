import {
  invalidValue,
  isDNS1123Subdomain,
  isValidPortNum,
  required,
  type FieldError,
  type FieldPath,
} from '@pilothouse/apimachinery';
import type { ServiceReference } from '../generated/types/apiextensions-v1.ts';

const URL_FORM = '; desired format: https://host[/path]';

/** Upstream: apiserver/pkg/util/webhook. */
export function validateWebhookUrl(text: string, path: FieldPath): FieldError[] {
  if (!URL.canParse(text))
    return [
      required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI for request${URL_FORM}`),
    ];
  const url = new URL(text);
  const errors: FieldError[] = [];
  const fail = (value: unknown, why: string): number => errors.push(invalidValue(path, value, `${why}${URL_FORM}`));
  if (url.protocol !== 'https:') fail(url.protocol.slice(0, -1), `'https' is the only allowed URL scheme`);
  if (url.host === '') fail(url.host, 'host must be specified');
  if (url.username !== '') fail(url.username, 'user information is not permitted in the URL');
  if (url.hash !== '') fail(url.hash.slice(1), 'fragments are not permitted in the URL');
  if (url.search !== '') fail(url.search.slice(1), 'query parameters are not permitted in the URL');
  return errors;
}

export function validateWebhookService(service: ServiceReference, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!service.name) errors.push(required(path.child('name'), 'service name is required'));
  if (!service.namespace) errors.push(required(path.child('namespace'), 'service namespace is required'));
  const portErrors = isValidPortNum(service.port ?? 443);
  if (portErrors.length > 0)
    errors.push(invalidValue(path.child('port'), service.port, `port is not valid: ${portErrors.join(',')}`));
  return service.path === undefined ? errors : [...errors, ...validateUrlPath(service.path, path.child('path'))];
}

function validateUrlPath(urlPath: string, path: FieldPath): FieldError[] {
  if (urlPath === '/' || urlPath === '') return [];
  if (urlPath === '//') return [invalidValue(path, urlPath, 'segment[0] may not be empty')];
  if (!urlPath.startsWith('/')) return [invalidValue(path, urlPath, `must start with a '/'`)];
  const errors: FieldError[] = [];
  const steps = urlPath.slice(1).replace(/\/$/, '').split('/');
  steps.forEach((step, at) => {
    if (step === '') errors.push(invalidValue(path, urlPath, `segment[${at}] may not be empty`));
    else errors.push(...isDNS1123Subdomain(step).map((why) => invalidValue(path, urlPath, `segment[${at}]: ${why}`)));
  });
  return errors;
}
