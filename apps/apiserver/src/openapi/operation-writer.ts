import type { ObjectSchema, OpenApiNode, OpenApiSchemas, OpenApiVersion } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import { customName, listOfCustom } from './custom-names.ts';
import type { Operation } from './operation.ts';
import type { QueryParameter } from './query-parameters.ts';
import { isCustom, type ServedResource } from './served-resource.ts';

const TEXT_TYPES = ['application/json', 'application/yaml'];
const TYPES = [...TEXT_TYPES, 'application/vnd.kubernetes.protobuf'];
const LIST_TYPES = [...TYPES, 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

const STATUS_TEXTS = { 201: 'Created', 202: 'Accepted' } as const;

/** Of which resource an operation is, if of any. */
export type Subject = ServedResource | undefined;

/** Writes operations in one version of OpenAPI; the schemas they speak of are collected on the way. */
export class OperationWriter {
  readonly #version: OpenApiVersion;
  readonly #schemas: OpenApiSchemas;

  constructor(version: OpenApiVersion, schemas: OpenApiSchemas) {
    this.#version = version;
    this.#schemas = schemas;
  }

  /** What all operations of a path have in common stands there once. */
  path(path: string, operations: readonly Operation[], subject: Subject): OpenApiNode {
    const [first, ...others] = operations;
    const isShared = (parameter: QueryParameter): boolean =>
      others.every(({ parameters }) => parameters.some((each) => sameParameter(each, parameter)));
    const shared = first!.parameters.filter(isShared);
    const parameters = [
      ...this.#pathParameters(path, subject),
      ...shared.map((each) => this.#parameter(each.name, 'query', each.type, each.description)),
    ].sort(byName);
    const names = new Set(shared.map(({ name }) => name));
    return {
      ...Object.fromEntries(operations.map((each) => [each.method, this.#operation(each, subject, names)])),
      ...(parameters.length > 0 ? { parameters } : {}),
    };
  }

  #pathParameters(path: string, subject: Subject): OpenApiNode[] {
    const kind = subject?.definition.kind ?? 'object';
    const descriptions: Readonly<Record<string, string>> = {
      name: `name of the ${kind}`,
      namespace: 'object name and auth scope, such as for teams and projects',
      path: 'path to the resource',
    };
    return Object.entries(descriptions)
      .filter(([name]) => path.includes(`{${name}}`))
      .map(([name, description]) => this.#parameter(name, 'path', 'string', description));
  }

  #parameter(name: string, where: 'path' | 'query', type: string, description: string): OpenApiNode {
    const base = { description, in: where, name, ...(where === 'path' ? { required: true } : {}) };
    const schema = { type, uniqueItems: true };
    return this.#version === 'v2' ? { ...base, ...schema } : { ...base, schema };
  }

  #operation(operation: Operation, subject: Subject, shared: ReadonlySet<string>): OpenApiNode {
    const parameters = operation.parameters
      .filter(({ name }) => !shared.has(name))
      .map(({ name, type, description }) => this.#parameter(name, 'query', type, description))
      .sort(byName);
    const produces = producesOf(operation, subject);
    const common: OpenApiNode = {
      description: operation.description,
      tags: [operation.tag],
      operationId: operation.id,
      responses: this.#responses(operation, produces, subject),
      ...(operation.action ? { 'x-kubernetes-action': operation.action } : {}),
      ...(operation.kind ? { 'x-kubernetes-group-version-kind': operation.kind } : {}),
    };
    const schema = this.#bodySchema(operation, subject);
    const consumes = consumesOf(operation, subject);
    const required = operation.body === 'deleteOptions' ? {} : { required: true };
    if (this.#version === 'v2') {
      const all = schema ? [{ in: 'body', name: 'body', ...required, schema }, ...parameters] : parameters;
      const listed = all.length > 0 ? { parameters: all } : {};
      return { ...common, consumes, produces, schemes: ['https'], ...listed };
    }
    const content = Object.fromEntries(consumes.map((type) => [type, { schema }]));
    return {
      ...common,
      ...(parameters.length > 0 ? { parameters } : {}),
      ...(schema ? { requestBody: { content, ...required } } : {}),
    };
  }

  #responses(operation: Operation, produces: readonly string[], subject: Subject): OpenApiNode {
    const schema = this.#answerSchema(operation, subject);
    const response = (description: string): OpenApiNode =>
      this.#version === 'v2'
        ? { description, schema }
        : { description, content: Object.fromEntries(produces.map((type) => [type, { schema }])) };
    const others = operation.statuses.map((status) => [status, response(STATUS_TEXTS[status])]);
    return { 200: response('OK'), ...Object.fromEntries(others), 401: { description: 'Unauthorized' } };
  }

  #bodySchema(operation: Operation, subject: Subject): OpenApiNode | undefined {
    switch (operation.body) {
      case 'none':
        return undefined;
      case 'object':
        return this.#kindSchema(operation, subject!);
      case 'patch':
        return this.#schemas.reference(ANY_OBJECT, 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch');
      case 'deleteOptions':
        return this.#metaSchema('DeleteOptions');
    }
  }

  #answerSchema(operation: Operation, subject: Subject): OpenApiNode {
    const { answer } = operation;
    if (typeof answer === 'object') return this.#schemas.reference(answer.schema, answer.name);
    switch (answer) {
      case 'string':
        return { type: 'string' };
      case 'status':
        return this.#metaSchema('Status');
      case 'watchEvent':
        return this.#metaSchema('WatchEvent');
      case 'object':
        return this.#kindSchema(operation, subject!);
      case 'list':
        return this.#listSchema(subject!);
    }
  }

  /** The operation's kind: the resource's own, or what a subresource speaks. */
  #kindSchema({ kind }: Operation, { definition, version }: ServedResource): OpenApiNode {
    const isOwn = kind!.group === definition.group && kind!.kind === definition.kind;
    const builtIn = isOwn ? undefined : schemaFor(kind!.group, kind!.version, kind!.kind);
    if (builtIn) return this.#schemas.reference(builtIn);
    const schema = definition.versions.find((each) => each.version === version)!.schema;
    return this.#schemas.reference(
      schema,
      schema.name === undefined ? customName(definition, version, definition.kind) : undefined,
    );
  }

  #listSchema({ definition, version }: ServedResource): OpenApiNode {
    const builtIn = schemaFor(definition.group, version, definition.listKind);
    if (builtIn) return this.#schemas.reference(builtIn);
    const name = customName(definition, version, definition.listKind);
    return this.#schemas.reference(listOfCustom(definition, version), name);
  }

  #metaSchema(kind: string): OpenApiNode {
    return this.#schemas.reference(schemaFor('', 'v1', kind)!);
  }
}

const ANY_OBJECT: ObjectSchema = { type: 'object', properties: new Map() };

const byName = (a: OpenApiNode, b: OpenApiNode): number => (String(a['name']) < String(b['name']) ? -1 : 1);

function sameParameter(a: QueryParameter, b: QueryParameter): boolean {
  return a.name === b.name && a.type === b.type && a.description === b.description;
}

function producesOf({ answer, produces }: Operation, subject: Subject): readonly string[] {
  if (produces) return produces;
  if (answer === 'string') return ['*/*'];
  if (subject && isCustom(subject)) return TEXT_TYPES;
  return answer === 'list' || answer === 'watchEvent' ? LIST_TYPES : TYPES;
}

/** A custom resource has no merge keys; clients choose how they patch by this list. A Scale has them even so. */
function consumesOf({ body, kind, produces }: Operation, subject: Subject): readonly string[] {
  if (subject === undefined) return produces ?? TYPES;
  const custom = isCustom(subject);
  if (body !== 'patch') return custom ? TEXT_TYPES : ['*/*'];
  const isOwn = kind?.kind === subject.definition.kind;
  return custom && isOwn ? PATCH_TYPES.filter((type) => !type.includes('strategic')) : PATCH_TYPES;
}
