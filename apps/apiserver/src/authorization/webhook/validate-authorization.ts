import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import {
  duplicate,
  type FieldError,
  type FieldPath,
  fieldPath,
  invalidValue,
  nameIsDNSSubdomain,
  notSupported,
  required,
  tooMany,
} from '@pilothouse/apimachinery';
import { parseDurationMs } from '@pilothouse/component';
import type { AuthorizationConfiguration, WebhookConfiguration } from './authorization-configuration.ts';
import { compileCondition } from './match-request.ts';

const TYPES = ['AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'];
const LONGEST_TIMEOUT_MS = 30_000;
const MAX_CONDITIONS = 64;

/** In upstream's order and words. */
export function validateAuthorization({ authorizers = [] }: AuthorizationConfiguration): FieldError[] {
  const root = fieldPath('authorizers');
  if (authorizers.length === 0) return [required(root, 'at least one authorization mode must be defined')];
  const errors: FieldError[] = [];
  const [types, names] = [new Set<string>(), new Set<string>()];
  authorizers.forEach(({ type = '', name = '', webhook }, i) => {
    const at = root.index(i);
    if (type === '') return void errors.push(required(at.child('type')));
    if (!TYPES.includes(type)) return void errors.push(notSupported(at.child('type'), type, TYPES));
    if (types.has(type) && type !== 'Webhook') return void errors.push(duplicate(at.child('type'), type));
    types.add(type);
    const problems = nameIsDNSSubdomain(name, false);
    if (name === '') errors.push(required(at.child('name')));
    else if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    else if (problems.length > 0) {
      errors.push(invalidValue(at.child('name'), name, `authorizer name is invalid: ${problems.join(', ')}`));
    }
    names.add(name);
    if (type !== 'Webhook') {
      if (webhook)
        errors.push(invalidValue(at.child('webhook'), 'non-null', 'may only be specified when type=Webhook'));
    } else if (webhook) validateWebhook(webhook, at, errors);
    else errors.push(required(at.child('webhook'), 'required when type=Webhook'));
  });
  return errors;
}

function validateWebhook(webhook: WebhookConfiguration, at: FieldPath, errors: FieldError[]): void {
  const { timeout, authorizedTTL, unauthorizedTTL, subjectAccessReviewVersion: version = '' } = webhook;
  validateDuration(timeout, at.child('timeout'), LONGEST_TIMEOUT_MS, 'must be > 0s and <= 30s', errors);
  validateDuration(authorizedTTL, at.child('authorizedTTL'), Infinity, 'must be > 0s', errors);
  validateDuration(unauthorizedTTL, at.child('unauthorizedTTL'), Infinity, 'must be > 0s', errors);
  validateChoice(version, at.child('subjectAccessReviewVersion'), ['v1', 'v1beta1'], errors);
  const { matchConditionSubjectAccessReviewVersion: conditionVersion = '', matchConditions = [] } = webhook;
  const conditionVersionAt = at.child('matchConditionSubjectAccessReviewVersion');
  if (conditionVersion !== '') validateChoice(conditionVersion, conditionVersionAt, ['v1'], errors);
  else if (matchConditions.length > 0) {
    errors.push(required(conditionVersionAt, 'required if match conditions are specified'));
  }
  validateChoice(webhook.failurePolicy ?? '', at.child('failurePolicy'), ['NoOpinion', 'Deny'], errors);
  validateConnection(webhook.connectionInfo ?? {}, at.child('connectionInfo'), errors);
  validateConditions(matchConditions, at.child('matchConditions'), errors);
}

function validateDuration(
  text: string | undefined,
  at: FieldPath,
  longestMs: number,
  why: string,
  errors: FieldError[],
): void {
  const ms = text === undefined ? 0 : parseDurationMs(text);
  if (ms === 0) errors.push(required(at));
  else if (ms === undefined || ms < 0 || ms > longestMs) errors.push(invalidValue(at, text, why));
}

function validateChoice(value: string, at: FieldPath, choices: readonly string[], errors: FieldError[]): void {
  if (value === '') errors.push(required(at));
  else if (!choices.includes(value)) errors.push(notSupported(at, value, choices));
}

function validateConnection(
  { type = '', kubeConfigFile }: NonNullable<WebhookConfiguration['connectionInfo']>,
  at: FieldPath,
  errors: FieldError[],
): void {
  const fileAt = at.child('kubeConfigFile');
  // A kube-apiserver has no configuration of a cluster that it is in.
  validateChoice(type, at.child('type'), ['KubeConfigFile'], errors);
  if (type !== 'KubeConfigFile') return;
  if (!kubeConfigFile) errors.push(required(fileAt));
  else if (!isAbsolute(kubeConfigFile)) errors.push(invalidValue(fileAt, kubeConfigFile, 'must be an absolute path'));
  else {
    const found = statSync(kubeConfigFile, { throwIfNoEntry: false });
    const missing = `error loading file: stat ${kubeConfigFile}: no such file or directory`;
    if (!found) errors.push(invalidValue(fileAt, kubeConfigFile, missing));
    else if (!found.isFile()) errors.push(invalidValue(fileAt, kubeConfigFile, 'must be a regular file'));
  }
}

function validateConditions(
  conditions: NonNullable<WebhookConfiguration['matchConditions']>,
  at: FieldPath,
  errors: FieldError[],
): void {
  if (conditions.length > MAX_CONDITIONS) return void errors.push(tooMany(at, conditions.length, MAX_CONDITIONS));
  const seen = new Set<string>();
  conditions.forEach(({ expression = '' }, i) => {
    const expressionAt = at.index(i).child('expression');
    if (expression.trim() === '') return void errors.push(required(expressionAt));
    if (seen.has(expression)) return void errors.push(duplicate(expressionAt, expression));
    seen.add(expression);
    try {
      const { type } = compileCondition(expression);
      if (type.kind !== 'bool' && type.kind !== 'dyn')
        errors.push(invalidValue(expressionAt, expression, 'must evaluate to bool'));
    } catch (error) {
      errors.push(invalidValue(expressionAt, expression, `compilation failed: ${(error as Error).message}`));
    }
  });
}
