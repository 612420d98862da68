import { deepEqual } from '../deep/deep-equal.ts';
import { getOwn, isJsonObject } from '../deep/own-property.ts';
import { FieldPath, type FieldError } from '../validation/field-error.ts';
import { itemsOf, propertiesOf, valuesOf, type JsonSchema } from './json-schema.ts';
import { correlateItems } from './correlate-items.ts';
import { JunctorValidator } from './junctor-validator.ts';
import { ValidationResult, type Place } from './validation-result.ts';
import { valueChecks, type ValueCheck, type ValueChecks } from './value-checks.ts';

/** Stands for "there is no old value to compare with". */
export const UNCORRELATED = Symbol('uncorrelated');

/**
 * Value validation of a custom resource, compiled once from its OpenAPI schema. Errors are worded as upstream words
 * them, and come in its order. An update forgives what was already wrong: errors within a part that has not changed are
 * dropped.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting
 */
export class ValueValidator {
  readonly #root: NodeValidator;

  constructor(schema: JsonSchema) {
    this.#root = new NodeValidator(schema);
  }

  /** `base` is where the value stands; none for a whole object. */
  validate(value: unknown, base?: FieldPath): FieldError[] {
    const result = new ValidationResult(base);
    this.#root.validate(value, UNCORRELATED, undefined, result);
    return result.errors;
  }

  validateUpdate(value: unknown, old: unknown, base?: FieldPath): FieldError[] {
    const result = new ValidationResult(base);
    this.#root.validateRatcheting(value, old, undefined, result);
    return result.errors;
  }
}

export class NodeValidator {
  readonly #schema: JsonSchema;
  readonly #checks: ValueChecks;
  readonly #properties: ReadonlyMap<string, NodeValidator>;
  readonly #required: readonly string[];
  readonly #values: NodeValidator | undefined;
  readonly #forbidsOthers: boolean;
  readonly #items: NodeValidator | undefined;
  readonly #junctors: JunctorValidator | undefined;

  constructor(schema: JsonSchema) {
    this.#schema = schema;
    this.#checks = valueChecks(schema);
    this.#properties = new Map(propertiesOf(schema).map(([name, node]) => [name, new NodeValidator(node)]));
    this.#required = schema.required ?? [];
    const [items, values] = [itemsOf(schema), valuesOf(schema)];
    this.#items = items && new NodeValidator(items);
    this.#values = values && new NodeValidator(values);
    this.#forbidsOthers = schema.additionalProperties === false;
    this.#junctors = JunctorValidator.of(schema);
  }

  /** The kinds of checks in upstream's order; each that applies counts, and once more when it went well. */
  validate(value: unknown, old: unknown, place: Place, result: ValidationResult): void {
    const checks = this.#checks;
    if (value === null || value === undefined) {
      this.#count(checks.type, value, place, result, 0);
      checks.enumeration?.(value, place, result);
      return;
    }
    if (checks.type) this.#count(checks.type, value, place, result, 1);
    this.#junctors?.validate(value, place, result);
    result.matchCount += 4;
    if (typeof value === 'string') {
      result.matchCount += checks.format ? 3 : 1;
      checks.text?.(value, place, result);
      checks.format?.(value, place, result);
    } else if (typeof value === 'number') {
      result.matchCount += 2;
      checks.number?.(value, place, result);
    } else if (Array.isArray(value)) {
      result.matchCount += 2;
      this.#validateItems(value, old, place, result);
      checks.list?.(value, place, result);
    }
    checks.enumeration?.(value, place, result);
    if (isJsonObject(value)) {
      result.matchCount += 1;
      const before = result.errors.length;
      checks.size?.(value, place, result);
      if (result.errors.length === before) this.#validateProperties(value, old, place, result);
    }
  }

  validateRatcheting(value: unknown, old: unknown, place: Place, result: ValidationResult): void {
    if (old === UNCORRELATED) {
      this.validate(value, old, place, result);
      return;
    }
    const own = result.another();
    this.validate(value, old, place, own);
    if (own.errors.length > 0 && deepEqual(value, old)) result.matchCount += own.matchCount;
    else result.merge(own);
  }

  #count(check: ValueCheck | undefined, value: unknown, place: Place, result: ValidationResult, applies: number): void {
    const before = result.errors.length;
    check?.(value, place, result);
    result.matchCount += applies + (result.errors.length === before ? 1 : 0);
  }

  #validateProperties(value: Record<string, unknown>, old: unknown, place: Place, result: ValidationResult): void {
    const before = old !== UNCORRELATED && isJsonObject(old) ? old : undefined;
    for (const key in value) {
      const property = this.#properties.get(key) ?? this.#values;
      if (property !== undefined) {
        const oldValue = before && Object.hasOwn(before, key) ? getOwn(before, key) : UNCORRELATED;
        property.validateRatcheting(value[key], oldValue, new FieldPath(key, 'child', place), result);
      } else if (this.#forbidsOthers) {
        const detail = `${place?.text ?? ''}.${key} in body is a forbidden property`;
        result.add('FieldValueInvalid', place, key, detail);
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
}
