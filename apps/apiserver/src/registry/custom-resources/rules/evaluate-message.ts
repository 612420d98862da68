import { CostLimitExceeded, EvaluationError, type CostMeter, type Program, type Value } from '@pilothouse/cel';

const MAX_MESSAGE_BYTES = 5 * 1024;

export type MessageOutcome = { readonly text: string } | { readonly outOfBudget: string } | { readonly unusable: true };

/** The text of a messageExpression. One that fails, or says nothing fit to print, gives way to the rule's own message. */
export function evaluateMessage(
  program: Program,
  bindings: Readonly<Record<string, Value | undefined>>,
  meter: CostMeter,
  budget: number,
): MessageOutcome {
  let value: Value;
  try {
    value = program.evaluate(bindings, budget - meter.cost, meter);
  } catch (error) {
    if (error instanceof CostLimitExceeded) {
      return {
        outOfBudget:
          'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
      };
    }
    if (error instanceof EvaluationError) return { unusable: true };
    throw error;
  }
  const text = typeof value === 'string' ? value.trim() : '';
  const isFit = text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= MAX_MESSAGE_BYTES;
  return isFit ? { text } : { unusable: true };
}
