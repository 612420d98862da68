import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDNS1035Label,
  isFullyQualifiedName,
  notSupported,
  required,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { ExpressionChecks, MutatingWebhook, ValidatingWebhook } from '@pilothouse/api';
import { validateWebhookService, validateWebhookUrl } from '../apiextensions/validate-webhook-client.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { MATCH_POLICIES } from './match-resources.ts';
import { defaultRules, validateRule } from './rules.ts';
import type { WebhookRules } from './webhook-rules.ts';

/** What validating and mutating webhooks have in common, which is nearly all. */
export type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

export const FAILURE_POLICIES = ['Fail', 'Ignore'];
const ALL_SIDE_EFFECTS = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
export const NO_SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
export const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const MAX_TIMEOUT_SECONDS = 30;

export function defaultWebhook(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
  defaultRules(webhook.rules);
}

const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];

export function validateWebhook(
  webhook: Webhook,
  rules: WebhookRules,
  path: FieldPath,
  errors: FieldError[],
  expressions?: ExpressionChecks,
): void {
  const { name, failurePolicy, matchPolicy, sideEffects, timeoutSeconds, namespaceSelector, objectSelector } = webhook;
  errors.push(...isFullyQualifiedName(path.child('name'), name));
  webhook.rules?.forEach((rule, index) => validateRule(rule, path.child('rules').index(index), errors));
  if (failurePolicy !== undefined && !FAILURE_POLICIES.includes(failurePolicy)) {
    errors.push(notSupported(path.child('failurePolicy'), failurePolicy, FAILURE_POLICIES));
  }
  if (matchPolicy !== undefined && !MATCH_POLICIES.includes(matchPolicy)) {
    errors.push(notSupported(path.child('matchPolicy'), matchPolicy, MATCH_POLICIES));
  }
  const allowed = rules.requireNoSideEffects ? NO_SIDE_EFFECTS : ALL_SIDE_EFFECTS;
  if (sideEffects === undefined || sideEffects === null)
    errors.push(required(path.child('sideEffects'), `must specify one of ${allowed.join(', ')}`));
  else if (!allowed.includes(sideEffects)) errors.push(notSupported(path.child('sideEffects'), sideEffects, allowed));
  if (timeoutSeconds !== undefined && (timeoutSeconds > MAX_TIMEOUT_SECONDS || timeoutSeconds < 1)) {
    errors.push(
      invalidValue(
        path.child('timeoutSeconds'),
        timeoutSeconds,
        `the timeout value must be between 1 and ${MAX_TIMEOUT_SECONDS} seconds`,
      ),
    );
  }
  const options = { allowInvalidLabelValueInSelector: rules.allowInvalidLabelValues };
  errors.push(
    ...validateLabelSelector(namespaceSelector, path.child('namespaceSelector'), options),
    ...validateLabelSelector(objectSelector, path.child('objectSelector'), options),
  );
  const { reinvocationPolicy, matchConditions } = webhook;
  if (reinvocationPolicy !== undefined && !REINVOCATION_POLICIES.includes(reinvocationPolicy))
    errors.push(notSupported(path.child('reinvocationPolicy'), reinvocationPolicy, REINVOCATION_POLICIES));
  validateClient(webhook.clientConfig ?? {}, path.child('clientConfig'), errors);
  if (rules.ignoreMatchConditions) return;
  const checks = expressions?.policy({ hasParams: false, hasVariables: false, isMutating: false });
  validateMatchConditions(matchConditions, path.child('matchConditions'), errors, checks);
}

function validateClient({ url, service }: Webhook['clientConfig'], path: FieldPath, errors: FieldError[]): void {
  if ((url === undefined) === (service === undefined))
    errors.push(required(path, 'exactly one of url or service is required'));
  else if (url !== undefined) errors.push(...validateWebhookUrl(url, path.child('url')));
  else errors.push(...validateWebhookService(service!, path.child('service')));
}

export function validateReviewVersions(
  versions: readonly string[],
  mustKnowOne: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (versions.length === 0) {
    errors.push(required(path, `must specify one of ${REVIEW_VERSIONS.join(', ')}`));
    return;
  }
  versions.forEach((version, index) => {
    if (versions.indexOf(version) < index) errors.push(invalidValue(path.index(index), version, 'duplicate version'));
    else pushInvalid(errors, path.index(index), version, isDNS1035Label(version));
  });
  if (mustKnowOne && !versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    errors.push(invalidValue(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
  }
}
