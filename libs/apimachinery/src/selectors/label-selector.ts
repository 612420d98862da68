import type { FieldError } from '../validation/field-error.ts';
import { type LabelOperator, type LabelRequirement, type Labels, newRequirement } from './label-requirement.ts';

/** A selector that is not valid; the message is upstream's, the status is the caller's choice. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }

  static fromFields(errors: readonly FieldError[]): SelectorError {
    const texts = [...new Set(errors.map((error) => error.toString()))];
    return new SelectorError(texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
  }
}

/** A conjunction of requirements on labels. Without any it matches everything. */
export class Selector {
  /** Sorted by key. */
  readonly requirements: readonly LabelRequirement[];
  readonly #nothing: boolean;

  constructor(requirements: readonly LabelRequirement[], nothing = false) {
    this.requirements = requirements.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    this.#nothing = nothing;
  }

  /** Matches whatever the labels are. */
  get isEverything(): boolean {
    return !this.#nothing && this.requirements.length === 0;
  }

  /** Matches no labels at all: what a null LabelSelector means. */
  get isNothing(): boolean {
    return this.#nothing;
  }

  matches(labels: Labels | undefined): boolean {
    if (this.#nothing) return false;
    for (const requirement of this.requirements) if (!requirement.matches(labels)) return false;
    return true;
  }

  /** The selector in canonical form, which parses to an equal one. Empty for everything and for nothing. */
  toString(): string {
    return this.requirements.join(',');
  }
}

export const EVERYTHING = new Selector([]);
export const NOTHING = new Selector([], true);

/** A `LabelSelector` of the API (meta/v1): the parts that matter here. */
export interface LabelSelectorFields {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** An absent selector selects nothing, an empty one everything. Throws SelectorError when it is not valid. */
export function selectorFromLabelSelector(selector: LabelSelectorFields | null | undefined): Selector {
  if (selector === undefined || selector === null) return NOTHING;
  const requirements: LabelRequirement[] = [];
  const add = (key: string, operator: LabelOperator, values: readonly string[]) => {
    const { requirement, errors } = newRequirement(key, operator, values);
    if (errors.length) throw SelectorError.fromFields(errors);
    requirements.push(requirement);
  };
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) add(key, '=', [value]);
  for (const { key, operator: word, values } of selector.matchExpressions ?? []) {
    const operator = Object.hasOwn(OPERATORS, word) ? OPERATORS[word] : undefined;
    if (operator === undefined)
      throw new SelectorError(`${JSON.stringify(word)} is not a valid label selector operator`);
    add(key, operator, values ?? []);
  }
  return requirements.length === 0 ? EVERYTHING : new Selector(requirements);
}

/**
 * Equality with every label of the set; an empty or absent set selects everything. The set is trusted: it stands in
 * an object that was validated when it was written.
 */
export function selectorFromSet(set: Labels | undefined): Selector {
  const entries = Object.entries(set ?? {});
  if (entries.length === 0) return EVERYTHING;
  return new Selector(entries.map(([key, value]) => newRequirement(key, '=', [value]).requirement));
}
