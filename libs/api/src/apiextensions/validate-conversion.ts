import {
  fieldPath,
  forbiddenField,
  invalidValue,
  isDNS1035Label,
  notSupported,
  required,
  type FieldError,
  type FieldPath,
} from '@pilothouse/apimachinery';
import type { CustomResourceConversion, CustomResourceDefinition, WebhookClientConfig } from '../generated/types.ts';
import { isCrdConditionTrue } from './conditions.ts';
import { validateCaBundle, validateWebhookService, validateWebhookUrl } from './validate-webhook-client.ts';

const STRATEGIES = ['None', 'Webhook'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/**
 * Paths are those of upstream's internal form, which has the webhook's fields directly below `conversion`. `old` is the
 * definition before an update.
 */
export function validateConversion(
  conversion: CustomResourceConversion | undefined,
  path: FieldPath,
  old?: CustomResourceDefinition,
): FieldError[] {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  const errors: FieldError[] = [];
  if (!strategy) errors.push(required(path.child('strategy')));
  else if (!STRATEGIES.includes(strategy)) errors.push(notSupported(path.child('strategy'), strategy, STRATEGIES));
  if (strategy === 'Webhook') {
    const client = webhook?.clientConfig;
    errors.push(...validateClient(client, path.child('webhookClientConfig')));
    if (client?.caBundle && !allowsInvalidCaBundle(old))
      errors.push(...validateCaBundle(client.caBundle, path.child('webhookClientConfig', 'caBundle')));
    return [
      ...errors,
      ...validateReviewVersions(webhook?.conversionReviewVersions ?? [], path.child('conversionReviewVersions')),
    ];
  }
  const detail = 'should not be set when strategy is not set to Webhook';
  if (webhook?.clientConfig) errors.push(forbiddenField(path.child('webhookClientConfig'), detail));
  if (webhook?.conversionReviewVersions?.length)
    errors.push(forbiddenField(path.child('conversionReviewVersions'), detail));
  return errors;
}

function validateClient(client: WebhookClientConfig | undefined, path: FieldPath): FieldError[] {
  if (client === undefined) return [required(path, 'required when strategy is set to Webhook')];
  const { url, service } = client;
  if ((url === undefined) === (service === undefined))
    return [required(path, 'exactly one of url or service is required')];
  return url === undefined
    ? validateWebhookService(service!, path.child('service'))
    : validateWebhookUrl(url, path.child('url'));
}

/** It is only insisted on where the definition is in use, and was not wrong before. */
function allowsInvalidCaBundle(old: CustomResourceDefinition | undefined): boolean {
  if (old === undefined || !isCrdConditionTrue(old, 'Established')) return true;
  const caBundle = old.spec.conversion?.webhook?.clientConfig?.caBundle;
  return caBundle ? validateCaBundle(caBundle, fieldPath('caBundle')).length > 0 : false;
}

function validateReviewVersions(versions: readonly string[], path: FieldPath): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  versions.forEach((version, at) => {
    if (versions.indexOf(version) < at) errors.push(invalidValue(path.index(at), version, 'duplicate version'));
    else errors.push(...isDNS1035Label(version).map((why) => invalidValue(path.index(at), version, why)));
  });
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    errors.push(invalidValue(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  }
  return errors;
}
