import { goQuote } from '../validation/go-quote.ts';
import type { JsonSchema } from './json-schema.ts';
import { placeText, type Place, type ValidationResult } from './validation-result.ts';
import { NodeValidator, UNCORRELATED } from './value-validator.ts';

interface Tried {
  readonly results: readonly ValidationResult[];
  readonly valid: readonly ValidationResult[];
  /** Of those that failed, the one that got furthest. */
  readonly best: ValidationResult | undefined;
}

/** The `anyOf`, `oneOf`, `allOf` and `not` of one node, in the order in which upstream looks at them. */
export class JunctorValidator {
  readonly #anyOf: readonly NodeValidator[];
  readonly #oneOf: readonly NodeValidator[];
  readonly #allOf: readonly NodeValidator[];
  readonly #not: NodeValidator | undefined;

  constructor(schema: JsonSchema) {
    const all = (nodes: readonly JsonSchema[] | undefined) => (nodes ?? []).map((node) => new NodeValidator(node));
    this.#anyOf = all(schema.anyOf);
    this.#oneOf = all(schema.oneOf);
    this.#allOf = all(schema.allOf);
    this.#not = schema.not && new NodeValidator(schema.not);
  }

  /** Undefined where the node has none of them. */
  static of(schema: JsonSchema): JunctorValidator | undefined {
    const { anyOf = [], oneOf = [], allOf = [], not } = schema;
    return anyOf.length + oneOf.length + allOf.length > 0 || not ? new JunctorValidator(schema) : undefined;
  }

  validate(value: unknown, place: Place, result: ValidationResult): void {
    const name = goQuote(placeText(place));
    const tryAll = (nodes: readonly NodeValidator[]): Tried => trial(nodes, value, place, result);
    if (this.#anyOf.length > 0) {
      const { best, valid } = tryAll(this.#anyOf);
      if (valid.length === 0) result.unplaced(`${name} must validate at least one schema (anyOf)`);
      const chosen = valid[0] ?? best;
      if (chosen) result.merge(chosen);
    }
    if (this.#oneOf.length > 0) {
      const { best, valid } = tryAll(this.#oneOf);
      const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
      if (valid.length !== 1) result.unplaced(`${name} must validate one and only one schema (oneOf). ${found}`);
      const chosen = valid.length === 0 ? best : valid.length === 1 ? valid[0] : undefined;
      if (chosen) result.merge(chosen);
    }
    if (this.#allOf.length > 0) {
      const { results, valid } = tryAll(this.#allOf);
      for (const each of results) result.merge(each);
      if (valid.length < results.length) {
        result.unplaced(`${name} must validate all the schemas (allOf)${valid.length === 0 ? '. None validated' : ''}`);
      }
    }
    if (this.#not !== undefined && tryAll([this.#not]).valid.length > 0)
      result.unplaced(`${name} must not validate the schema (not)`);
  }
}

function trial(nodes: readonly NodeValidator[], value: unknown, place: Place, of: ValidationResult): Tried {
  let best: ValidationResult | undefined;
  const valid: ValidationResult[] = [];
  const results = nodes.map((node) => {
    const result = of.another();
    node.validate(value, UNCORRELATED, place, result);
    if (result.errors.length === 0) valid.push(result);
    else if (best === undefined || result.matchCount > best.matchCount) best = result;
    return result;
  });
  return { results, valid, best };
}
