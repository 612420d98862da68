import {
  badRequest,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
  type FieldSelector,
  type KubeObject,
  type ResourceDefinition,
  type Selector,
} from '@pilothouse/apimachinery';
import type { StoredObject } from '@pilothouse/storage';

/** Which objects of a resource a list, watch or deletecollection is about. */
export interface Selection {
  /** Absent: all of them. */
  readonly filter?: (stored: StoredObject) => boolean;
  /** `metadata.name=x`: at most this one. */
  readonly name?: string;
  /** `metadata.namespace=x`, on a request across namespaces. */
  readonly namespace?: string;
}

/** Reads `labelSelector` and `fieldSelector`; throws 400 in upstream's words. */
export function readSelection(definition: ResourceDefinition, query: URLSearchParams, apiVersion: string): Selection {
  const labels = parse(query.get('labelSelector'), parseLabelSelector);
  const fields = parse(query.get('fieldSelector'), parseFieldSelector);
  if (labels === undefined && fields === undefined) return {};
  if (fields) checkFields(definition, fields, apiVersion);
  const name = fields?.requiresExactMatch('metadata.name');
  const namespace = fields?.requiresExactMatch('metadata.namespace');
  return {
    filter: ({ object }) => matchesLabels(labels, object) && matchesFields(definition, fields, object),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function parse<T extends { readonly isEverything?: boolean }>(
  text: string | null,
  read: (text: string) => T,
): T | undefined {
  if (text === null || text === '') return undefined;
  try {
    return read(text);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function matchesLabels(selector: Selector | undefined, object: KubeObject): boolean {
  return selector === undefined || selector.matches(object.metadata?.labels ?? {});
}

function matchesFields(
  definition: ResourceDefinition,
  selector: FieldSelector | undefined,
  object: KubeObject,
): boolean {
  return selector === undefined || selector.matches((field) => fieldValue(definition, field, object));
}

function fieldValue(definition: ResourceDefinition, field: string, object: KubeObject): string {
  const own = definition.strategy.selectableFields[field];
  if (own) return own(object);
  if (field === 'metadata.name') return object.metadata?.name ?? '';
  return field === 'metadata.namespace' ? (object.metadata?.namespace ?? '') : '';
}

function checkFields(definition: ResourceDefinition, selector: FieldSelector, apiVersion: string): void {
  const { selectableFields, exactFieldLabels } = definition.strategy;
  for (const { field } of selector.terms) {
    if (Object.hasOwn(selectableFields, field)) continue;
    if (!exactFieldLabels && (field === 'metadata.name' || field === 'metadata.namespace')) continue;
    throw badRequest(unsupported(definition, field, apiVersion));
  }
}

function unsupported({ kind, strategy }: ResourceDefinition, field: string, apiVersion: string): string {
  // Kinds with fields of their own refuse others each in their own words.
  const own = OWN_WORDS[`${apiVersion}/${kind}`];
  if (own) return own(field);
  const hasFields = strategy.exactFieldLabels === true || Object.keys(strategy.selectableFields).length > 0;
  return hasFields
    ? `field label not supported: ${field}`
    : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

const resourceSlice = (version: string) => (field: string) =>
  `field label not supported for resource.k8s.io/${version}, Kind=ResourceSlice: ${field}`;

const OWN_WORDS: Readonly<Record<string, (field: string) => string>> = {
  'batch/v1/Job': (field) => `field label "${field}" not supported for batchv1.Job`,
  'resource.k8s.io/v1/ResourceSlice': resourceSlice('v1'),
  'resource.k8s.io/v1beta1/ResourceSlice': resourceSlice('v1beta1'),
  'resource.k8s.io/v1beta2/ResourceSlice': resourceSlice('v1beta2'),
};
