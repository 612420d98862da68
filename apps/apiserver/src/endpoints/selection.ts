import {
  badRequest,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
  type FieldSelector,
  type KubeObject,
  type Selector,
} from '@pilothouse/apimachinery';
import type { StoredObject } from '@pilothouse/storage';
import type { ServedVersion } from '../registry/served-version.ts';

/** Which objects of a resource a list, watch or deletecollection is about. */
export interface Selection {
  /** Absent: all of them. Where a webhook converts, it is for objects that the version is prepared for. */
  readonly filter?: (stored: StoredObject) => boolean;
  /** `metadata.name=x`: at most this one. */
  readonly name?: string;
  /** `metadata.namespace=x`, on a request across namespaces. */
  readonly namespace?: string;
  /** It is about fields, not only about labels. */
  readonly byFields?: boolean;
}

/** Reads `labelSelector` and `fieldSelector`; throws 400 in upstream's words. */
export function readSelection(served: ServedVersion, query: URLSearchParams): Selection {
  const labels = parse(query.get('labelSelector'), parseLabelSelector);
  const fields = parse(query.get('fieldSelector'), parseFieldSelector);
  if (labels === undefined && fields === undefined) return {};
  const { definition, version } = served;
  const values = version.selectableFields ?? definition.strategy.selectableFields;
  if (fields) checkFields(served, values, fields);
  const name = fields?.requiresExactMatch('metadata.name');
  const namespace = fields?.requiresExactMatch('metadata.namespace');
  const showsItsOwn = version.selectableFields !== undefined || version.remote !== undefined;
  return {
    filter(stored) {
      const object = showsItsOwn ? served.view(stored) : stored.object;
      return matchesLabels(labels, object) && matchesFields(values, fields, object);
    },
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    byFields: fields?.isEverything === false,
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

type FieldValues = Readonly<Record<string, (object: KubeObject) => string>>;

function matchesFields(values: FieldValues, selector: FieldSelector | undefined, object: KubeObject): boolean {
  return selector === undefined || selector.matches((field) => fieldValue(values, field, object));
}

function fieldValue(values: FieldValues, field: string, object: KubeObject): string {
  if (Object.hasOwn(values, field)) return values[field]!(object);
  if (field === 'metadata.name') return object.metadata?.name ?? '';
  return field === 'metadata.namespace' ? (object.metadata?.namespace ?? '') : '';
}

function checkFields(
  { definition, apiVersion, version }: ServedVersion,
  values: FieldValues,
  selector: FieldSelector,
): void {
  const { exactFieldLabels } = definition.strategy;
  // A custom resource always says which fields it has, even when it has none.
  const saysItsFields =
    version.selectableFields !== undefined || exactFieldLabels === true || Object.keys(values).length > 0;
  for (const { field } of selector.terms) {
    if (Object.hasOwn(values, field)) continue;
    const hasNamespace = definition.namespaced || version.selectableFields === undefined;
    if (!exactFieldLabels && (field === 'metadata.name' || (field === 'metadata.namespace' && hasNamespace))) continue;
    throw badRequest(unsupported(`${apiVersion}/${definition.kind}`, field, saysItsFields));
  }
}

function unsupported(kind: string, field: string, saysItsFields: boolean): string {
  // Kinds with fields of their own refuse others each in their own words.
  const own = OWN_WORDS[kind];
  if (own) return own(field);
  return saysItsFields
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
