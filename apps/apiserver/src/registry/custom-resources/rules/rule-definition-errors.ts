import {
  customResourceSchema,
  forbiddenField,
  invalidValue,
  type FieldError,
  type FieldPath,
  type JsonSchema,
  type ValidationRule,
} from '@pilothouse/apimachinery';
import { placedValues, schemaFor, type CustomResourceDefinition } from '@pilothouse/api';
import { MAX_REQUEST_BYTES } from '@pilothouse/cel';
import type { CompiledRule } from './compiled-rule.ts';
import { ruleNode, type RuleNode } from './rule-node.ts';

const RULE_ESTIMATE_LIMIT = 10_000_000;
const SCHEMA_ESTIMATE_LIMIT = 100_000_000;
/** How many of the most expensive rules are named when they are too expensive together. */
const NAMED_EXPENSIVE = 4;

/** What is wrong with the CEL rules of a CRD that is otherwise valid: they do not compile, or may cost too much. */
export function ruleDefinitionErrors(crd: CustomResourceDefinition): FieldError[] {
  return placedValues(crd, 'schema').flatMap(({ value, path }) => {
    const json = value.openAPIV3Schema as JsonSchema | undefined;
    if (json === undefined) return [];
    const root = ruleNode(customResourceSchema(json, schemaFor('', 'v1', 'ObjectMeta')!), json, 'object', true);
    if (root === undefined) return [];
    const check = new RuleCheck();
    const at = path.child('openAPIV3Schema');
    check.visit(root, at, 1, undefined);
    return [...check.errors, ...check.totalErrors(at)];
  });
}

class RuleCheck {
  readonly errors: FieldError[] = [];
  #total = 0;
  readonly #costs: { readonly path: FieldPath; readonly cost: number }[] = [];

  /** `count` is how many values of the node an object can have, undefined when only the request's size limits it. */
  visit(node: RuleNode, path: FieldPath, count: number | undefined, uncorrelated: FieldPath | undefined): void {
    const { schema } = node;
    const isAtomic =
      (schema.type === 'object' && schema.atomic) || (schema.type === 'map' && schema.mapType === 'atomic');
    for (const [name, property] of node.properties) {
      this.visit(property, path.child('properties').key(name), count, uncorrelated ?? (isAtomic ? path : undefined));
    }
    if (node.items && schema.type === 'list') {
      const isKeyed = schema.listType === 'map';
      this.visit(
        node.items,
        path.child('items'),
        times(count, schema.validations?.maxItems),
        uncorrelated ?? (isKeyed ? undefined : path),
      );
    }
    if (node.values) {
      this.visit(
        node.values,
        path.child('additionalProperties'),
        times(count, schema.validations?.maxProperties),
        uncorrelated,
      );
    }
    node.rules.forEach((rule, at) =>
      this.#check(rule, node, path.child('x-kubernetes-validations').index(at), count, uncorrelated),
    );
  }

  #check(
    compiled: CompiledRule,
    node: RuleNode,
    path: FieldPath,
    count: number | undefined,
    uncorrelated: FieldPath | undefined,
  ): void {
    const { rule, program, messageExpression } = compiled;
    const values = count ?? Math.floor(MAX_REQUEST_BYTES / (node.type.minBytes + 1));
    if (program) this.#addCost(program.maxCost * values, 'estimated rule cost', path.child('rule'));
    if (compiled.error !== undefined)
      this.errors.push(invalidValue(path.child('rule'), internalForm(rule), compiled.error));
    if (compiled.messageExpressionError !== undefined) {
      this.errors.push(
        invalidValue(path.child('messageExpression'), internalForm(rule), compiled.messageExpressionError),
      );
    } else if (messageExpression) {
      this.#addCost(
        messageExpression.maxCost * values,
        'estimated messageExpression cost',
        path.child('messageExpression'),
      );
    }
    if (compiled.usesOldSelf && uncorrelated) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated.text}`;
      this.errors.push(invalidValue(path.child('rule'), rule.rule, detail));
    }
    if (!compiled.usesOldSelf && rule.optionalOldSelf !== undefined) {
      this.errors.push(
        invalidValue(
          path.child('optionalOldSelf'),
          rule.optionalOldSelf,
          'may not be set if oldSelf is not used in rule',
        ),
      );
    }
  }

  #addCost(cost: number, what: string, path: FieldPath): void {
    this.#total += cost;
    this.#costs.push({ path, cost });
    if (cost > RULE_ESTIMATE_LIMIT) this.errors.push(forbiddenField(path, exceeds(what, cost, RULE_ESTIMATE_LIMIT)));
  }

  totalErrors(path: FieldPath): FieldError[] {
    if (this.#total <= SCHEMA_ESTIMATE_LIMIT) return [];
    const expensive = this.#costs.toSorted((a, b) => b.cost - a.cost).slice(0, NAMED_EXPENSIVE);
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...expensive.map((each) =>
        forbiddenField(
          each.path,
          'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
        ),
      ),
      forbiddenField(path, exceeds(what, this.#total, SCHEMA_ESTIMATE_LIMIT)),
    ];
  }
}

function times(count: number | undefined, limit: unknown): number | undefined {
  return count === undefined || typeof limit !== 'number' ? undefined : count * limit;
}

function exceeds(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const text = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${text} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

/** Upstream's message shows the rule as its internal type prints in JSON. */
function internalForm(rule: ValidationRule): Record<string, unknown> {
  return {
    Rule: rule.rule ?? '',
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
}
