import {
  FieldError,
  FieldPath,
  isJsonObject,
  NO_PATH,
  type JsonSchema,
  type KubeObject,
  type Schema,
} from '@pilothouse/apimachinery';
import { CostLimitExceeded, EvaluationError, jsonValue, Optional, type CostMeter, type Value } from '@pilothouse/cel';
import { ruleName, type CompiledRule } from './compiled-rule.ts';
import { oldChild, oldItem, Ratchet } from './correlation.ts';
import { evaluateMessage } from './evaluate-message.ts';
import { ruleNode, type RuleNode } from './rule-node.ts';

/** Of one evaluation, about a tenth of a second. */
export const RULE_COST_LIMIT = 1_000_000;
/** Of all rules on one object. */
export const OBJECT_COST_BUDGET = 10_000_000;

/**
 * The CEL rules of a custom resource, against its objects.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export class RuleValidator {
  readonly #root: RuleNode | undefined;

  constructor(schema: Schema, json: JsonSchema, isResource = true) {
    this.#root = ruleNode(schema, json, 'object', isResource);
  }

  get isEmpty(): boolean {
    return this.#root === undefined;
  }

  /** Errors in what an update does not change are only warned of. */
  validate(object: KubeObject, old: KubeObject | undefined, warn: (text: string) => void): FieldError[] {
    return this.#walk(object, old, Ratchet.of(object, old), undefined, warn);
  }

  /** A value that stands for its own old value, of which nothing is forgiven. */
  validateDefault(value: unknown, path: FieldPath): FieldError[] {
    return this.#walk(value, value, Ratchet.of(value, undefined), path, () => {});
  }

  #walk(
    value: unknown,
    old: unknown,
    ratchet: Ratchet,
    path: FieldPath | undefined,
    warn: (text: string) => void,
  ): FieldError[] {
    if (this.#root === undefined) return [];
    const walk = new RuleWalk(warn);
    walk.visit(this.#root, value, path, old, ratchet);
    return walk.errors;
  }
}

class RuleWalk {
  readonly errors: FieldError[] = [];
  readonly #warn: (text: string) => void;
  readonly #meter: CostMeter = { cost: 0 };
  #stopped = false;

  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  visit(node: RuleNode, value: unknown, path: FieldPath | undefined, old: unknown, ratchet: Ratchet): void {
    if (value === null || value === undefined || this.#stopped) return;
    this.#evaluateRules(node, value, path, old, ratchet);
    const { schema } = node;
    if (Array.isArray(value)) {
      if (node.items === undefined) return;
      for (let at = 0; at < value.length && !this.#stopped; at++) {
        const item: unknown = value[at];
        const place = new FieldPath(at, 'index', path);
        this.visit(node.items, item, place, oldItem(schema, old, item), ratchet.item(schema, at));
      }
    } else if (isJsonObject(value)) {
      for (const key in value) {
        if (this.#stopped) return;
        const property = node.properties.get(key);
        const below = property ?? node.values;
        if (below === undefined) continue;
        const place = new FieldPath(key, property ? 'child' : 'key', path);
        this.visit(below, value[key], place, oldChild(schema, old, key), ratchet.child(key));
      }
    }
  }

  #evaluateRules(node: RuleNode, value: unknown, path: FieldPath | undefined, old: unknown, ratchet: Ratchet): void {
    if (node.rules.length === 0) return;
    const self = jsonValue(value, node.type.type);
    const oldSelf = old === undefined || old === null ? undefined : jsonValue(old, node.type.type);
    for (const rule of node.rules) {
      if (this.#stopped) return;
      this.#evaluate(rule, node, path, self, oldSelf, ratchet);
    }
  }

  #evaluate(
    compiled: CompiledRule,
    node: RuleNode,
    path: FieldPath | undefined,
    self: Value,
    old: Value | undefined,
    ratchet: Ratchet,
  ): void {
    const { rule, program } = compiled;
    if (compiled.error !== undefined) {
      this.#add(path, node, `rule compile error: ${compiled.error}`);
      return;
    }
    // Rules of transition are for updates, unless they say that they can do without the old value.
    if (program === undefined || (compiled.usesOldSelf && old === undefined && !rule.optionalOldSelf)) return;
    const bindings = { self, oldSelf: rule.optionalOldSelf ? new Optional(old) : old };
    const limit = Math.min(RULE_COST_LIMIT, OBJECT_COST_BUDGET - this.#meter.cost);
    let holds: Value;
    try {
      holds = program.evaluate(bindings, limit, this.#meter);
    } catch (error) {
      this.#addFailure(error, compiled, node, path, limit);
      return;
    }
    if (holds === true) return;
    const message =
      compiled.messageExpression &&
      evaluateMessage(compiled.messageExpression, bindings, this.#meter, OBJECT_COST_BUDGET);
    if (message && 'outOfBudget' in message) {
      this.#add(path, node, message.outOfBudget);
      this.#stopped = true;
      return;
    }
    const said = message && 'text' in message ? message.text : undefined;
    const detail = said ?? (rule.message ? rule.message.trim() : `failed rule: ${ruleName(rule)}`);
    const error = errorFor(rule.reason, fieldOf(path, compiled.fieldPath), node.typeName, detail);
    if (!compiled.usesOldSelf && ratchet.isUnchanged) this.#warn(error.toString());
    else this.errors.push(error);
  }

  #addFailure(
    error: unknown,
    { rule }: CompiledRule,
    node: RuleNode,
    path: FieldPath | undefined,
    limit: number,
  ): void {
    if (error instanceof CostLimitExceeded) {
      this.#stopped = true;
      this.#add(
        path,
        node,
        limit < RULE_COST_LIMIT
          ? 'validation failed due to running out of cost budget, no further validation rules will be run'
          : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleName(rule)}`,
      );
    } else if (error instanceof EvaluationError) {
      this.#add(
        path,
        node,
        error.message.startsWith('no such overload')
          ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleName(rule)}`
          : `${error.message} evaluating rule: ${ruleName(rule)}`,
      );
    } else throw error;
  }

  #add(path: FieldPath | undefined, node: RuleNode, detail: string): void {
    this.errors.push(new FieldError('FieldValueInvalid', fieldOf(path, ''), node.typeName, detail));
  }
}

function fieldOf(path: FieldPath | undefined, below: string): string {
  if (below === '') return path?.text ?? NO_PATH.text;
  return path === undefined ? below : `${path.text}.${below}`;
}

function errorFor(reason: string | undefined, field: string, value: string, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return new FieldError('FieldValueForbidden', field, '', detail);
    case 'FieldValueRequired':
      return new FieldError('FieldValueRequired', field, '', detail);
    case 'FieldValueDuplicate':
      return new FieldError('FieldValueDuplicate', field, value, '');
    default:
      return new FieldError('FieldValueInvalid', field, value, detail);
  }
}
