import { isJsonObject } from '@pilothouse/apimachinery';
import { mergeDocuments, type DocumentV2 } from './merge-documents.ts';

type Node = Record<string, unknown>;

/**
 * The paths below `prefix` of a v2 document, and what they refer to, as a v3 document: for extension servers from before
 * v3. Upstream: kube-openapi, pkg/openapiconv.
 */
export function convertToV3(document: DocumentV2, prefix: string): object {
  const { paths, definitions, parameters } = mergeDocuments<DocumentV2>({}, document, prefix);
  const shared = Object.entries(parameters ?? {}).map(([name, each]) => [name, parameter(each as Node)]);
  return withNewReferences({
    openapi: '3.0.0',
    info: (document as { info?: unknown }).info ?? { title: 'Kubernetes', version: 'unversioned' },
    paths: Object.fromEntries(Object.entries(paths ?? {}).map(([path, item]) => [path, pathItem(item as Node)])),
    components: {
      schemas: definitions ?? {},
      ...(shared.length > 0 ? { parameters: Object.fromEntries(shared) as object } : {}),
    },
  }) as object;
}

function pathItem(item: Node): Node {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => {
      if (key === 'parameters') return [key, (value as Node[]).map(parameter)];
      return [key, isJsonObject(value) ? operation(value) : value];
    }),
  );
}

function operation({ consumes, produces, schemes: _schemes, parameters, responses, ...rest }: Node): Node {
  const all = (parameters ?? []) as Node[];
  const body = all.find((each) => each.in === 'body');
  const others = all.filter((each) => each !== body).map(parameter);
  return {
    ...rest,
    ...(others.length > 0 ? { parameters: others } : {}),
    ...(body
      ? {
          requestBody: {
            content: content(consumes, body.schema),
            ...(body.description ? { description: body.description } : {}),
            ...(body.required ? { required: true } : {}),
          },
        }
      : {}),
    responses: Object.fromEntries(
      Object.entries((responses ?? {}) as Record<string, Node>).map(([code, { schema, ...response }]) => [
        code,
        schema === undefined ? response : { ...response, content: content(produces, schema) },
      ]),
    ),
  };
}

function content(types: unknown, schema: unknown): Node {
  const list = Array.isArray(types) && types.length > 0 ? (types as string[]) : ['application/json'];
  return Object.fromEntries(list.map((type) => [type, { schema }]));
}

/** What stands beside the type in v2 belongs to the schema in v3. */
function parameter(given: Node): Node {
  if (given.$ref !== undefined) return given;
  const { name, in: where, description, required, schema, ...described } = given;
  return {
    name,
    in: where,
    ...(description === undefined ? {} : { description }),
    ...(required === undefined ? {} : { required }),
    schema: schema ?? described,
  };
}

function withNewReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNewReferences);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === '$ref' && typeof each === 'string'
        ? each.replace('#/definitions/', '#/components/schemas/').replace('#/parameters/', '#/components/parameters/')
        : withNewReferences(each),
    ]),
  );
}
