import {
  newRequirement,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
  type FieldTerm,
  type LabelOperator,
  type LabelRequirement,
} from '@pilothouse/apimachinery';
import type { ResourceAttributes } from '@pilothouse/api';
import type { AskedSelectors } from '../authorization/asked-selectors.ts';

/** What is asked about, and what the status says about the parts that were left out because they make no sense. */
export interface ReviewSelectors {
  readonly selectors: AskedSelectors;
  readonly problems: readonly string[];
}

/** Source: ResourceAttributesFrom in upstream's pkg/registry/authorization/util/helpers.go. */
export function reviewSelectors({ fieldSelector, labelSelector }: ResourceAttributes): ReviewSelectors {
  const fields = read(fieldSelector?.rawSelector, fieldSelector?.requirements, fieldTerm, (text) => [
    ...parseFieldSelector(text).terms,
  ]);
  const labels = read(labelSelector?.rawSelector, labelSelector?.requirements, labelRequirement, (text) => [
    ...parseLabelSelector(text).requirements,
  ]);
  return {
    selectors: {
      ...(fields.parts.length > 0 && { fieldTerms: fields.parts }),
      ...(labels.parts.length > 0 && { labelRequirements: labels.parts }),
    },
    problems: [...problemOf('fieldSelector', fields), ...problemOf('labelSelector', labels)],
  };
}

interface Read<T> {
  readonly parts: readonly T[];
  readonly failed: boolean;
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

function read<T>(
  raw: string | undefined,
  requirements: readonly Requirement[] | undefined,
  convert: (requirement: Requirement) => T | undefined,
  parse: (text: string) => readonly T[],
): Read<T> {
  if (requirements?.length) {
    const parts = requirements.map(convert).filter((part) => part !== undefined);
    return { parts, failed: parts.length < requirements.length };
  }
  if (!raw) return { parts: [], failed: false };
  try {
    return { parts: parse(raw), failed: false };
  } catch (error) {
    if (error instanceof SelectorError) return { parts: [], failed: true };
    throw error;
  }
}

function problemOf(selector: string, { parts, failed }: Read<unknown>): string[] {
  if (!failed) return [];
  const how = parts.length > 0 ? 'partially ignored' : 'ignored';
  return [`spec.resourceAttributes.${selector} ${how} due to parse error`];
}

/** Field selectors know one value, and whether it is to be or not to be. */
function fieldTerm({ key, operator, values = [] }: Requirement): FieldTerm | undefined {
  if (values.length !== 1 || (operator !== 'In' && operator !== 'NotIn')) return undefined;
  return { field: key, operator: operator === 'In' ? '=' : '!=', value: values[0]! };
}

const LABEL_OPERATORS: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

function labelRequirement({ key, operator, values = [] }: Requirement): LabelRequirement | undefined {
  const known = LABEL_OPERATORS.get(operator);
  if (known === undefined) return undefined;
  const { requirement, errors } = newRequirement(key, known, values);
  return errors.length === 0 ? requirement : undefined;
}
