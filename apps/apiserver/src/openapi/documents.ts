import {
  type ObjectSchema,
  type OpenApiNode,
  OpenApiSchemas,
  type OpenApiVersion,
  type ResourceDefinition,
} from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import { GIT_VERSION } from '@pilothouse/component';
import { kindsByMessage } from './kinds-by-message.ts';
import type { ServedResource } from './served-resource.ts';
import { type Operation, operationsOf, PARAMETERS } from './operations.ts';

const JSON_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const META = 'meta.k8s.io';

/** Writes the operations and definitions of resources as one OpenAPI document. */
export function openApiDocument(served: readonly ServedResource[], version: OpenApiVersion): OpenApiNode {
  const schemas = new OpenApiSchemas(version, kindsByMessage(served));
  const writer = new OperationWriter(version, schemas);
  const paths: Record<string, OpenApiNode> = {};
  for (const each of served) {
    for (const operation of operationsOf(each.definition, each.version)) {
      const path = (paths[operation.path] ??= { parameters: writer.pathParameters(operation.path) });
      path[operation.method] = writer.operation(operation, each);
    }
  }
  const sortedPaths = Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)));
  const definitions = Object.fromEntries([...schemas.definitions].sort(([a], [b]) => (a < b ? -1 : 1)));
  const info = { title: 'Kubernetes', version: GIT_VERSION };
  const bearer = {
    BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' },
  };
  if (version === 'v2') {
    return {
      swagger: '2.0',
      info,
      paths: sortedPaths,
      definitions,
      securityDefinitions: bearer,
      security: [{ BearerToken: [] }],
    };
  }
  return { openapi: '3.0.0', info, paths: sortedPaths, components: { schemas: definitions, securitySchemes: bearer } };
}

class OperationWriter {
  private readonly version: OpenApiVersion;
  private readonly schemas: OpenApiSchemas;

  constructor(version: OpenApiVersion, schemas: OpenApiSchemas) {
    this.version = version;
    this.schemas = schemas;
  }

  pathParameters(path: string): OpenApiNode[] {
    const parameters: OpenApiNode[] = [];
    if (path.includes('{name}')) parameters.push(this.parameter('name', 'path', 'string', 'name of the object', true));
    if (path.includes('{namespace}'))
      parameters.push(
        this.parameter(
          'namespace',
          'path',
          'string',
          'object name and auth scope, such as for teams and projects',
          true,
        ),
      );
    parameters.push(this.parameter('pretty', 'query', 'string', 'Indent the answer.', false));
    return parameters;
  }

  private parameter(name: string, where: string, type: string, description: string, required: boolean): OpenApiNode {
    const base = { name, in: where, description, ...(required ? { required } : {}) };
    return this.version === 'v2'
      ? { ...base, type, uniqueItems: true }
      : { ...base, schema: { type, uniqueItems: true } };
  }

  operation(operation: Operation, served: ServedResource): OpenApiNode {
    const parameters = operation.parameters.map((name) => {
      const { type, description } = PARAMETERS[name]!;
      return this.parameter(name, 'query', type, description, false);
    });
    const body = this.bodySchema(operation, served);
    const consumes = operation.body === 'patch' ? patchTypes(operation, served) : ['*/*'];
    const produces =
      operation.answer === 'list'
        ? [...JSON_TYPES, 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
        : operation.answer === 'string'
          ? ['*/*']
          : JSON_TYPES;
    const answer = this.answerSchema(operation, served);
    const responses: Record<string, OpenApiNode> = { 200: this.response('OK', answer, produces) };
    if (operation.created) responses[201] = this.response('Created', answer, produces);
    if (operation.action === 'post' || operation.action === 'delete')
      responses[202] = this.response('Accepted', answer, produces);
    responses[401] = { description: 'Unauthorized' };
    const common = {
      description: operation.description,
      tags: [operation.tag],
      operationId: operation.id,
      responses,
      'x-kubernetes-action': operation.action,
      'x-kubernetes-group-version-kind': operation.kind,
    };
    if (this.version === 'v2') {
      const inBody = body
        ? [
            {
              name: 'body',
              in: 'body',
              ...(operation.body === 'deleteOptions' ? {} : { required: true }),
              schema: body,
            },
          ]
        : [];
      return { ...common, consumes, produces, schemes: ['https'], parameters: [...inBody, ...parameters] };
    }
    const requestBody = body
      ? {
          requestBody: {
            content: Object.fromEntries(consumes.map((type) => [type, { schema: body }])),
            ...(operation.body === 'deleteOptions' ? {} : { required: true }),
          },
        }
      : {};
    return { ...common, parameters, ...requestBody };
  }

  private response(description: string, schema: OpenApiNode, produces: readonly string[]): OpenApiNode {
    if (this.version === 'v2') return { description, schema };
    return { description, content: Object.fromEntries(produces.map((type) => [type, { schema }])) };
  }

  private bodySchema(operation: Operation, served: ServedResource): OpenApiNode | undefined {
    switch (operation.body) {
      case 'none':
        return undefined;
      case 'object':
        return this.kindSchema(operation, served);
      case 'patch':
        return this.schemas.reference(
          { type: 'object', properties: new Map() },
          'io.k8s.apimachinery.pkg.apis.meta.v1.Patch',
        );
      case 'deleteOptions':
        return this.metaSchema('DeleteOptions');
    }
  }

  private answerSchema(operation: Operation, served: ServedResource): OpenApiNode {
    switch (operation.answer) {
      case 'string':
        return { type: 'string' };
      case 'status':
        return this.metaSchema('Status');
      case 'object':
        return this.kindSchema(operation, served);
      case 'list':
        return this.listSchema(served);
    }
  }

  /** The operation's kind: the resource's own, or what a subresource speaks. */
  private kindSchema({ kind }: Operation, { definition, version }: ServedResource): OpenApiNode {
    const isOwn = kind.group === definition.group && kind.kind === definition.kind;
    const builtIn = isOwn ? undefined : schemaFor(kind.group, kind.version, kind.kind);
    if (builtIn) return this.schemas.reference(builtIn);
    const schema = definition.versions.find((each) => each.version === version)!.schema;
    return this.schemas.reference(
      schema,
      schema.name === undefined ? customName(definition, version, definition.kind) : undefined,
    );
  }

  private listSchema({ definition, version }: ServedResource): OpenApiNode {
    const builtIn = schemaFor(definition.group, version, definition.listKind);
    if (builtIn) return this.schemas.reference(builtIn);
    return this.schemas.reference(listOf(definition, version), customName(definition, version, definition.listKind));
  }

  private metaSchema(kind: string): OpenApiNode {
    return this.schemas.reference(schemaFor(META, 'v1', kind) ?? schemaFor('', 'v1', kind)!);
  }
}

/** A custom resource has no merge keys; clients choose how they patch by this list. A Scale has them even so. */
function patchTypes({ kind }: Operation, served: ServedResource): readonly string[] {
  const isCustom = isStructural(served) && kind.kind === served.definition.kind;
  return isCustom ? PATCH_TYPES.filter((type) => !type.includes('strategic')) : PATCH_TYPES;
}

/** `widgets.example.com/v1` `Widget` → `com.example.v1.Widget`. */
export function customName({ group }: ResourceDefinition, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

/** The list kind of a custom resource, which nobody declares. */
function listOf(definition: ResourceDefinition, version: string): ObjectSchema {
  const items = {
    ...definition.versions.find((each) => each.version === version)!.schema,
    name: customName(definition, version, definition.kind),
  };
  const plain = { pointer: false, always: true };
  return {
    type: 'object',
    hasTypeMeta: true,
    properties: new Map([
      [
        'metadata',
        {
          name: 'metadata',
          schema: schemaFor(META, 'v1', 'ListMeta') ?? schemaFor('', 'v1', 'ListMeta')!,
          ...plain,
          required: false,
        },
      ],
      [
        'items',
        {
          name: 'items',
          schema: { type: 'list', items, listType: 'atomic', listMapKeys: [] },
          ...plain,
          required: true,
        },
      ],
    ]),
  };
}

function isStructural({ definition, version }: ServedResource): boolean {
  return definition.versions.some((each) => each.version === version && each.schema.structural !== undefined);
}
