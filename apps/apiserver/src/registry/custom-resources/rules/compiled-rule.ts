import { schemaFieldPath, type JsonSchema, type ValidationRule } from '@pilothouse/apimachinery';
import { BOOL, CompileError, Environment, optionalOf, STRING, type Program, type Type } from '@pilothouse/cel';

/** One CEL rule, compiled for the values of its node. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Absent when the rule is empty or wrong. */
  readonly program?: Program;
  readonly error?: string;
  readonly messageExpression?: Program;
  readonly messageExpressionError?: string;
  readonly usesOldSelf: boolean;
  /** Where below the node errors are reported, as field errors write it. */
  readonly fieldPath: string;
}

/** `self` is the node's value, `oldSelf` what it was before the update. */
export function compileRule(rule: ValidationRule, type: Type, schema: JsonSchema): CompiledRule {
  const variables = { self: type, oldSelf: rule.optionalOldSelf ? optionalOf(type) : type };
  const environment = new Environment(variables);
  const main = attempt(
    environment,
    rule.rule ?? '',
    BOOL,
    'cel expression must evaluate to a bool',
    'compilation failed',
  );
  const message = attempt(
    environment,
    rule.messageExpression ?? '',
    STRING,
    'messageExpression must evaluate to a string',
    'messageExpression compilation failed',
  );
  const path = rule.fieldPath ? schemaFieldPath(rule.fieldPath, schema) : undefined;
  return {
    rule,
    ...(main.program ? { program: main.program } : {}),
    ...(main.error === undefined ? {} : { error: main.error }),
    ...(message.program ? { messageExpression: message.program } : {}),
    ...(message.error === undefined ? {} : { messageExpressionError: message.error }),
    usesOldSelf: main.program?.references('oldSelf') === true,
    fieldPath: path && 'text' in path ? path.text : '',
  };
}

function attempt(
  environment: Environment,
  source: string,
  wanted: Type,
  wrongType: string,
  prefix: string,
): { program?: Program; error?: string } {
  if (source.trim() === '') return {};
  try {
    const program = environment.compile(source);
    return program.type.kind === wanted.kind ? { program } : { error: wrongType };
  } catch (error) {
    if (error instanceof CompileError) return { error: `${prefix}: ${error.message}` };
    throw error;
  }
}

/** How a message refers to a rule. */
export const ruleName = ({ message, rule }: ValidationRule): string => (message || rule || '').trim();
