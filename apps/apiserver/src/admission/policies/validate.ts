import type { CompiledPolicy, CompiledValidation } from './compiled-policy.ts';
import { evaluateConditions } from './match-conditions.ts';
import type { Scope } from './scope.ts';

const MAX_MESSAGE_LENGTH = 5 * 1024;
const MAX_ANNOTATION_BYTES = 10 * 1024;

/** Why a policy does not admit a request. */
export interface Denial {
  readonly message: string;
  readonly reason: string | undefined;
  /** Which of the policy's validations; absent when it is not one of them that failed. */
  readonly index?: number;
}

export interface Verdict {
  readonly denials: readonly Denial[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
}

const NOTHING: Verdict = { denials: [], annotations: [] };

/** Evaluates one policy with one set of parameters. `tolerant`: what cannot be evaluated is admitted. */
export async function validateWithPolicy(policy: CompiledPolicy, scope: Scope, tolerant: boolean): Promise<Verdict> {
  const failure = (message: string, index?: number): Denial[] =>
    tolerant ? [] : [{ message, reason: undefined, ...(index === undefined ? {} : { index }) }];
  const match = await evaluateConditions(policy.conditions, scope);
  if ('error' in match) return { ...NOTHING, denials: failure(match.error) };
  if (!match.matches) return NOTHING;
  const denials: Denial[] = [];
  for (const [index, validation] of policy.validations.entries()) {
    const outcome = await scope.evaluate(validation.expression);
    if ('error' in outcome) denials.push(...failure(outcome.error, index));
    else if (outcome.value !== true)
      denials.push({ message: await messageOf(validation, scope), reason: validation.reason, index });
  }
  const annotations: { key: string; value: string }[] = [];
  for (const { key, value } of policy.auditAnnotations) {
    const outcome = await scope.evaluate(value);
    if ('error' in outcome) denials.push(...failure(outcome.error));
    else if (typeof outcome.value === 'string' && outcome.value !== '') {
      annotations.push({ key, value: truncated(outcome.value) });
    } else if (outcome.value !== null && typeof outcome.value !== 'string') {
      denials.push(
        ...failure(
          `valueExpression '${value.source}' resulted in unsupported return type. Return type must be either string or null.`,
        ),
      );
    }
  }
  return { denials, annotations };
}

/** The words of the message expression, or else of the message, or else the expression itself. */
async function messageOf(
  { expression, message, messageExpression }: CompiledValidation,
  scope: Scope,
): Promise<string> {
  const outcome = messageExpression && (await scope.evaluate(messageExpression));
  if (outcome && 'value' in outcome && typeof outcome.value === 'string') {
    const text = outcome.value.trim();
    if (text !== '' && text.length <= MAX_MESSAGE_LENGTH && !text.includes('\n')) return text;
  }
  return message?.trim() || `failed expression: ${expression.source.trim()}`;
}

function truncated(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= MAX_ANNOTATION_BYTES ? text : bytes.subarray(0, MAX_ANNOTATION_BYTES).toString();
}
