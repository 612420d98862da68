import { deepEqual } from '../deep/deep-equal.ts';
import { getOwn, isJsonObject } from '../deep/own-property.ts';
import { FieldPath, type FieldError } from '../validation/field-error.ts';
import { itemsOf, propertiesOf, valuesOf, type JsonSchema } from './json-schema.ts';
import { correlateItems } from './correlate-items.ts';
import { ValidationResult, placeText, type Place } from './validation-result.ts';
import { valueChecks, type ValueCheck } from './value-checks.ts';

/** Stands for "there is no old value to compare with". */
const UNCORRELATED = Symbol('uncorrelated');

/**
 * Value validation of a custom resource, compiled once from its OpenAPI schema. Errors are worded as upstream words
 * them. An update forgives what was already wrong: errors within a part that has not changed are dropped.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting
 */
export class ValueValidator {
  readonly #root: NodeValidator;

  constructor(schema: JsonSchema) {
    this.#root = new NodeValidator(schema);
  }

  /** `place` is where the value stands; none for a whole object. */
  validate(value: unknown, place?: FieldPath): FieldError[] {
    const result = new ValidationResult();
    this.#root.validate(value, UNCORRELATED, place, result);
    return result.errors;
  }

  validateUpdate(value: unknown, old: unknown, place?: FieldPath): FieldError[] {
    const result = new ValidationResult();
    this.#root.validateRatcheting(value, old, place, result);
    return result.errors;
  }
}

class NodeValidator {
  readonly #schema: JsonSchema;
  readonly #checks: readonly ValueCheck[];
  readonly #properties: ReadonlyMap<string, NodeValidator>;
  readonly #required: readonly string[];
  readonly #values: NodeValidator | undefined;
  readonly #forbidsOthers: boolean;
  readonly #items: NodeValidator | undefined;
  readonly #allOf: readonly NodeValidator[];
  readonly #anyOf: readonly NodeValidator[];
  readonly #oneOf: readonly NodeValidator[];
  readonly #not: NodeValidator | undefined;
  readonly #hasJunctors: boolean;

  constructor(schema: JsonSchema) {
    this.#schema = schema;
    this.#checks = valueChecks(schema);
    this.#properties = new Map(propertiesOf(schema).map(([name, node]) => [name, new NodeValidator(node)]));
    this.#required = schema.required ?? [];
    const [items, values] = [itemsOf(schema), valuesOf(schema)];
    this.#items = items && new NodeValidator(items);
    this.#values = values && new NodeValidator(values);
    this.#forbidsOthers = schema.additionalProperties === false;
    const all = (nodes: readonly JsonSchema[] | undefined) => (nodes ?? []).map((node) => new NodeValidator(node));
    this.#allOf = all(schema.allOf);
    this.#anyOf = all(schema.anyOf);
    this.#oneOf = all(schema.oneOf);
    this.#not = schema.not && new NodeValidator(schema.not);
    this.#hasJunctors = this.#allOf.length + this.#anyOf.length + this.#oneOf.length > 0 || this.#not !== undefined;
  }

  validate(value: unknown, old: unknown, place: Place, result: ValidationResult): void {
    for (const check of this.#checks) check(value, place, result);
    result.matchCount++;
    if (value === null || value === undefined) return;
    if (this.#hasJunctors) this.#validateJunctors(value, place, result);
    if (Array.isArray(value)) this.#validateItems(value, old, place, result);
    else if (typeof value === 'object') this.#validateProperties(value as Record<string, unknown>, old, place, result);
  }

  validateRatcheting(value: unknown, old: unknown, place: Place, result: ValidationResult): void {
    if (old === UNCORRELATED) {
      this.validate(value, old, place, result);
      return;
    }
    const own = new ValidationResult();
    this.validate(value, old, place, own);
    if (own.errors.length > 0 && deepEqual(value, old)) result.matchCount += own.matchCount;
    else result.merge(own);
  }

  #validateProperties(value: Record<string, unknown>, old: unknown, place: Place, result: ValidationResult): void {
    const before = old !== UNCORRELATED && isJsonObject(old) ? old : undefined;
    for (const key in value) {
      const property = this.#properties.get(key) ?? this.#values;
      if (property !== undefined) {
        const oldValue = before && Object.hasOwn(before, key) ? getOwn(before, key) : UNCORRELATED;
        property.validateRatcheting(value[key], oldValue, new FieldPath(key, 'child', place), result);
      } else if (this.#forbidsOthers) {
        result.invalid(place, '', `is a forbidden property: ${key}`);
      }
    }
    for (const name of this.#required) {
      if (!Object.hasOwn(value, name)) result.add('FieldValueRequired', new FieldPath(name, 'child', place), '', '');
    }
  }

  #validateItems(value: readonly unknown[], old: unknown, place: Place, result: ValidationResult): void {
    if (this.#items === undefined) return;
    const oldItem = old !== UNCORRELATED && Array.isArray(old) ? correlateItems(this.#schema, old) : undefined;
    for (let at = 0; at < value.length; at++) {
      const before = oldItem?.(value[at], at);
      this.#items.validateRatcheting(
        value[at],
        before === undefined ? UNCORRELATED : before,
        new FieldPath(at, 'index', place),
        result,
      );
    }
  }

  #validateJunctors(value: unknown, place: Place, result: ValidationResult): void {
    const name = JSON.stringify(placeText(place));
    if (this.#anyOf.length > 0) {
      const { best, valid } = this.#tryAll(this.#anyOf, value, place);
      if (valid.length === 0) {
        result.unplaced(`${name} must validate at least one schema (anyOf)`);
        if (best) result.merge(best);
      }
    }
    if (this.#oneOf.length > 0) {
      const { best, valid } = this.#tryAll(this.#oneOf, value, place);
      if (valid.length === 0) {
        result.unplaced(`${name} must validate one and only one schema (oneOf). Found none valid`);
        if (best) result.merge(best);
      } else if (valid.length > 1) {
        result.unplaced(
          `${name} must validate one and only one schema (oneOf). Found ${valid.length} valid alternatives`,
        );
      }
    }
    if (this.#allOf.length > 0) {
      const { results, valid } = this.#tryAll(this.#allOf, value, place);
      for (const each of results) result.merge(each);
      if (valid.length < results.length) {
        result.unplaced(`${name} must validate all the schemas (allOf)${valid.length === 0 ? '. None validated' : ''}`);
      }
    }
    if (this.#not !== undefined) {
      const { valid } = this.#tryAll([this.#not], value, place);
      if (valid.length > 0) result.unplaced(`${name} must not validate the schema (not)`);
    }
  }

  #tryAll(nodes: readonly NodeValidator[], value: unknown, place: Place) {
    let best: ValidationResult | undefined;
    const valid: ValidationResult[] = [];
    const results = nodes.map((node) => {
      const result = new ValidationResult();
      node.validate(value, UNCORRELATED, place, result);
      if (result.errors.length === 0) valid.push(result);
      else if (best === undefined || result.matchCount > best.matchCount) best = result;
      return result;
    });
    return { results, valid, best: best as ValidationResult | undefined };
  }
}
