import { lexLabelSelector, type LabelToken } from './label-lexer.ts';
import { checkLabelKey, type LabelOperator, type LabelRequirement, newRequirement } from './label-requirement.ts';
import { EVERYTHING, Selector, SelectorError } from './label-selector.ts';

const BINARY_OPERATORS = 'in, notin, =, ==, !=, gt, lt';
const OPERATOR_OF: Readonly<Record<string, LabelOperator>> = {
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
  in: 'in',
  notin: 'notin',
};

/**
 * Reads the text of a `labelSelector` parameter. Throws SelectorError in upstream's words.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function parseLabelSelector(text: string): Selector {
  const requirements = new LabelSelectorParser(lexLabelSelector(text)).parse();
  return requirements.length === 0 ? EVERYTHING : new Selector(requirements);
}

class LabelSelectorParser {
  readonly #tokens: readonly LabelToken[];
  #position = 0;

  constructor(tokens: readonly LabelToken[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'end') return requirements;
      if (!startsRequirement(token)) fail(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      try {
        requirements.push(this.#requirement());
      } catch (error) {
        throw error instanceof SelectorError
          ? new SelectorError(`unable to parse requirement: ${error.message}`)
          : error;
      }
      const separator = this.#next();
      if (separator.kind === 'end') return requirements;
      if (separator.text !== ',') fail(`found '${separator.text}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (!startsRequirement(following)) fail(`found '${following.text}', expected: identifier after ','`);
    }
  }

  #requirement(): LabelRequirement {
    let token = this.#next();
    const negated = token.text === '!';
    if (negated) token = this.#next();
    if (!isIdentifier(token)) fail(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const keyErrors = checkLabelKey(key);
    if (keyErrors.length) throw SelectorError.fromFields(keyErrors);

    const after = this.#peek();
    if (negated) return check(key, '!', []);
    if (after.kind === 'end' || after.text === ',') return check(key, 'exists', []);

    const operator = this.#operator();
    return check(key, operator, operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()]);
  }

  #operator(): LabelOperator {
    const token = this.#next();
    const operator =
      token.kind !== 'identifier' && Object.hasOwn(OPERATOR_OF, token.text) ? OPERATOR_OF[token.text] : undefined;
    return operator ?? fail(`found '${token.text}', expected: ${BINARY_OPERATORS}`);
  }

  /** The list in parentheses. A comma with nothing before or after it stands for the empty value. */
  #values(): string[] {
    const open = this.#next();
    if (open.text !== '(') fail(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.text === ')') {
      this.#next();
      return [];
    }
    if (!isIdentifier(first) && first.text !== ',') fail(`found '${first.text}', expected: ',', ')' or identifier`);
    const values = new Set<string>();
    for (;;) {
      const token = this.#next();
      if (isIdentifier(token)) {
        values.add(token.text);
        const separator = this.#peek();
        if (separator.text === ')') break;
        if (separator.text !== ',') fail(`found '${separator.text}', expected: ',' or ')'`);
      } else if (token.text === ',') {
        if (values.size === 0) values.add('');
        const following = this.#peek();
        if (following.text === ')') {
          values.add('');
          break;
        }
        if (following.text === ',') {
          this.#next();
          values.add('');
        }
      } else fail(`found '${token.text}', expected: ',', or identifier`);
    }
    const close = this.#next();
    if (close.text !== ')') fail(`found '${first.text}', expected: ')'`);
    return [...values].sort();
  }

  #exactValue(): string {
    const following = this.#peek();
    if (following.kind === 'end' || following.text === ',') return '';
    const token = this.#next();
    return isIdentifier(token) ? token.text : fail(`found '${token.text}', expected: identifier`);
  }

  #peek(): LabelToken {
    return this.#tokens[Math.min(this.#position, this.#tokens.length - 1)]!;
  }

  #next(): LabelToken {
    const token = this.#peek();
    this.#position++;
    return token;
  }
}

/** Where a key or value is expected, `in` and `notin` are ordinary words. */
const isIdentifier = (token: LabelToken) =>
  token.kind === 'identifier' || token.kind === 'in' || token.kind === 'notin';
const startsRequirement = (token: LabelToken) => isIdentifier(token) || token.text === '!';

function check(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const { requirement, errors } = newRequirement(key, operator, values);
  if (errors.length) throw SelectorError.fromFields(errors);
  return requirement;
}

function fail(message: string): never {
  throw new SelectorError(message);
}
