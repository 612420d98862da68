import {
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
  type FieldTerm,
  type LabelRequirement,
} from '@pilothouse/apimachinery';

/** What narrows the objects that are asked for. What cannot be read narrows nothing: the question is then a wider one. */
export interface AskedSelectors {
  readonly fieldTerms?: readonly FieldTerm[];
  readonly labelRequirements?: readonly LabelRequirement[];
}

export function selectorsAsked(fieldSelector: string, labelSelector: string): AskedSelectors {
  const fieldTerms = parsed(fieldSelector, (text) => parseFieldSelector(text).terms);
  const labelRequirements = parsed(labelSelector, (text) => parseLabelSelector(text).requirements);
  return { ...(fieldTerms && { fieldTerms }), ...(labelRequirements && { labelRequirements }) };
}

function parsed<T>(text: string, parse: (text: string) => T): T | undefined {
  if (text === '') return undefined;
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}
