import { deepEqual, duplicate, type FieldError, fieldPath, validateLabelSelector } from '@pilothouse/apimachinery';
import type { ValidationContext } from '@pilothouse/api';
import { NO_SIDE_EFFECTS, REVIEW_VERSIONS, validateReviewVersions, validateWebhook, type Webhook } from './webhook.ts';
import type { WebhookRules } from './webhook-rules.ts';

const WEBHOOKS = fieldPath('webhooks');

const STRICT: WebhookRules = {
  requireNoSideEffects: true,
  requireKnownReviewVersion: true,
  requireUniqueNames: true,
  allowInvalidLabelValues: false,
  ignoreMatchConditions: false,
};

export function validateWebhooks(
  webhooks: readonly Webhook[] = [],
  { expressions }: ValidationContext,
  old?: readonly Webhook[],
): FieldError[] {
  const errors: FieldError[] = [];
  const rules = old === undefined ? STRICT : rulesAfter(old, webhooks);
  const names = new Set<string>();
  webhooks.forEach((webhook, index) => {
    const at = WEBHOOKS.index(index);
    const { name } = webhook;
    validateWebhook(webhook, rules, at, errors, expressions);
    validateReviewVersions(
      webhook.admissionReviewVersions ?? [],
      rules.requireKnownReviewVersion,
      at.child('admissionReviewVersions'),
      errors,
    );
    if (rules.requireUniqueNames && name && names.has(name)) errors.push(duplicate(at.child('name'), name));
    names.add(name);
  });
  return errors;
}

function rulesAfter(old: readonly Webhook[], next: readonly Webhook[]): WebhookRules {
  return {
    requireNoSideEffects: old.every(({ sideEffects }) => NO_SIDE_EFFECTS.includes(sideEffects ?? '')),
    requireKnownReviewVersion: old.every(
      ({ admissionReviewVersions: versions }) =>
        !versions?.length || versions.some((version) => REVIEW_VERSIONS.includes(version)),
    ),
    requireUniqueNames: new Set(old.map(({ name }) => name)).size === old.length,
    allowInvalidLabelValues: old.some(({ namespaceSelector, objectSelector }) =>
      [namespaceSelector, objectSelector].some((selector) => validateLabelSelector(selector, WEBHOOKS).length > 0),
    ),
    ignoreMatchConditions:
      old.length === next.length &&
      old.every((each, index) => deepEqual(each.matchConditions, next[index]!.matchConditions)),
  };
}
