import { type OpenApiNode, OpenApiSchemas, type OpenApiVersion } from '@pilothouse/apimachinery';
import type { Describe } from '@pilothouse/api';
import { GIT_VERSION } from '@pilothouse/component';
import { kindsByMessage } from './kinds-by-message.ts';
import type { Operation } from './operation.ts';
import { OperationWriter, type Subject } from './operation-writer.ts';
import { operationsOf } from './operations.ts';
import type { ServedResource } from './served-resource.ts';
import { shareParameters } from './share-parameters.ts';

const INFO = { title: 'Kubernetes', version: GIT_VERSION };
const BEARER = {
  BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' },
};
const SECURITY = [{ BearerToken: [] }];

/**
 * Writes the operations and definitions of resources, and `others` that are not of a resource, as one OpenAPI document.
 */
export function openApiDocument(
  served: readonly ServedResource[],
  version: OpenApiVersion,
  describe: Describe,
  others: readonly Operation[] = [],
): OpenApiNode {
  const schemas = new OpenApiSchemas(version, kindsByMessage(served), describe);
  const writer = new OperationWriter(version, schemas);
  const paths = sorted(
    [...pathsOf(served, others)].map(([path, { operations, subject }]) => [
      path,
      writer.path(path, operations, subject),
    ]),
  );
  const definitions = sorted([...schemas.definitions]);
  if (version === 'v2') {
    const parameters = shareParameters(paths);
    const security = { securityDefinitions: BEARER, security: SECURITY };
    return { swagger: '2.0', info: INFO, paths, definitions, parameters, ...security };
  }
  return {
    openapi: '3.0.0',
    info: INFO,
    paths,
    components: { schemas: definitions, securitySchemes: BEARER },
    security: SECURITY,
  };
}

interface Path {
  readonly operations: Operation[];
  readonly subject: Subject;
}

function pathsOf(served: readonly ServedResource[], others: readonly Operation[]): Map<string, Path> {
  const paths = new Map<string, Path>();
  const add = (operation: Operation, subject: Subject): void => {
    const known = paths.get(operation.path);
    if (known) known.operations.push(operation);
    else paths.set(operation.path, { operations: [operation], subject });
  };
  for (const each of served) for (const operation of operationsOf(each)) add(operation, each);
  for (const operation of others) add(operation, undefined);
  return paths;
}

function sorted<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
