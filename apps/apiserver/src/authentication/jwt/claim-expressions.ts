import { BOOL, DYN, Environment, jsonValue, type Program } from '@pilothouse/cel';
import { jsonOfValue } from '../../admission/policies/json-of-value.ts';

/** Of a token's claims, or of the user that was made of them. */
const ENVIRONMENTS = { claims: new Environment({ claims: DYN }), user: new Environment({ user: DYN }) };

export type Subject = keyof typeof ENVIRONMENTS;

const programs = new Map<string, Program>();

/** Compiled once; throws CompileError. */
export function compileExpression(subject: Subject, source: string): Program {
  const key = `${subject}\0${source}`;
  let program = programs.get(key);
  if (program === undefined) programs.set(key, (program = ENVIRONMENTS[subject].compile(source)));
  return program;
}

/** What the expression makes of the claims or the user, as JSON. Throws when it cannot be evaluated. */
export function evaluateExpression(subject: Subject, source: string, value: object): unknown {
  return jsonOfValue(compileExpression(subject, source).evaluate({ [subject]: jsonValue(value) }));
}

/** Whether a rule can be one: its type is bool, or known only when it is evaluated. */
export function isCondition({ type }: Program): boolean {
  return type.kind === BOOL.kind || type.kind === DYN.kind;
}
