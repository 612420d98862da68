import {
  customResourceSchema,
  forbiddenField,
  internalFieldError,
  invalidValue,
  type FieldError,
  type FieldPath,
  type JsonSchema,
} from '@pilothouse/apimachinery';
import {
  internalRule,
  schemaFor,
  type RuleCheckNode,
  type RuleCheckOptions,
  type RuleChecks,
  type SchemaRules,
} from '@pilothouse/api';
import { MAX_REQUEST_BYTES } from '@pilothouse/cel';
import type { CompiledRule } from './compiled-rule.ts';
import { ruleNode, type RuleNode } from './rule-node.ts';
import { RuleValidator } from './rule-validator.ts';

const RULE_ESTIMATE_LIMIT = 10_000_000;
const SCHEMA_ESTIMATE_LIMIT = 100_000_000;
/** How many of the most expensive rules are named when they are too expensive together. */
const NAMED_EXPENSIVE = 4;
/** Below this a rule is not worth naming. */
const WORTH_NAMING = SCHEMA_ESTIMATE_LIMIT / 100;

/** The CEL rules of a CRD: those that do not compile, or may cost too much, are refused. */
export const ruleChecks: RuleChecks = {
  root(json: JsonSchema, options: RuleCheckOptions): SchemaRules {
    const root = ruleNode(customResourceSchema(json, schemaFor('', 'v1', 'ObjectMeta')!), json, 'object', true);
    const costs = new RuleCosts(options);
    return {
      node: root ? new CheckedNode(root, 1, costs) : UNTYPED,
      totalErrors: (path) => costs.totalErrors(path),
    };
  },
  valueErrors(schema, json, value, path) {
    const isResource = schema.type === 'object' && schema.embeddedResource === true;
    return new RuleValidator(schema, json, isResource).validateDefault(value, path);
  },
};

/** What has no type in the expression language, such as a field that may hold anything. */
const UNTYPED: RuleCheckNode = {
  property: () => UNTYPED,
  items: () => UNTYPED,
  values: () => UNTYPED,
  errors: (path) => [
    internalFieldError(
      path.child('x-kubernetes-validations'),
      'internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations',
    ),
  ],
};

/** A node of the schema; `count` is how many values of it an object can have, undefined when only its size limits it. */
class CheckedNode implements RuleCheckNode {
  readonly #node: RuleNode;
  readonly #count: number | undefined;
  readonly #costs: RuleCosts;

  constructor(node: RuleNode, count: number | undefined, costs: RuleCosts) {
    this.#node = node;
    this.#count = count;
    this.#costs = costs;
  }

  property(name: string): RuleCheckNode | undefined {
    const isMetadata = this.#node.isResource && name === 'metadata';
    return isMetadata ? undefined : this.#child(this.#node.properties.get(name), this.#count);
  }

  items(): RuleCheckNode | undefined {
    return this.#child(this.#node.items, times(this.#count, this.#limitOf('maxItems')));
  }

  values(): RuleCheckNode | undefined {
    return this.#child(this.#node.values, times(this.#count, this.#limitOf('maxProperties')));
  }

  errors(path: FieldPath, uncorrelated: FieldPath | undefined): FieldError[] {
    return this.#node.rules.flatMap((rule, at) =>
      this.#ruleErrors(rule, path.child('x-kubernetes-validations').index(at), uncorrelated),
    );
  }

  #child(node: RuleNode | undefined, count: number | undefined): RuleCheckNode {
    return node ? new CheckedNode(node, count, this.#costs) : UNTYPED;
  }

  #limitOf(keyword: 'maxItems' | 'maxProperties'): unknown {
    const { schema } = this.#node;
    return 'validations' in schema ? schema.validations?.[keyword] : undefined;
  }

  #ruleErrors(compiled: CompiledRule, path: FieldPath, uncorrelated: FieldPath | undefined): FieldError[] {
    const { rule, program, messageExpression } = compiled;
    const values = this.#count ?? Math.floor(MAX_REQUEST_BYTES / (this.#node.type.minBytes + 1));
    const errors: FieldError[] = [];
    if (program) errors.push(...this.#costs.add(program.maxCost * values, 'estimated rule cost', path.child('rule')));
    if (compiled.error !== undefined) errors.push(invalidValue(path.child('rule'), internalRule(rule), compiled.error));
    if (compiled.messageExpressionError !== undefined) {
      errors.push(invalidValue(path.child('messageExpression'), internalRule(rule), compiled.messageExpressionError));
    } else if (messageExpression) {
      const at = path.child('messageExpression');
      errors.push(...this.#costs.add(messageExpression.maxCost, 'estimated messageExpression cost', at));
    }
    if (compiled.usesOldSelf) {
      if (uncorrelated === undefined) return errors;
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated.text}`;
      errors.push(invalidValue(path.child('rule'), rule.rule, detail));
    } else if (rule.optionalOldSelf !== undefined) {
      const detail = 'may not be set if oldSelf is not used in rule';
      errors.push(invalidValue(path.child('optionalOldSelf'), rule.optionalOldSelf, detail));
    }
    return errors;
  }
}

class RuleCosts {
  readonly #anyCost: boolean;
  #total = 0;
  readonly #costs: { readonly path: FieldPath; readonly cost: number }[] = [];

  constructor({ anyCost }: RuleCheckOptions) {
    this.#anyCost = anyCost;
  }

  add(cost: number, what: string, path: FieldPath): FieldError[] {
    this.#total += cost;
    if (cost >= WORTH_NAMING) this.#costs.push({ path, cost });
    return cost > RULE_ESTIMATE_LIMIT && !this.#anyCost
      ? [forbiddenField(path, exceeds(what, cost, RULE_ESTIMATE_LIMIT))]
      : [];
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
