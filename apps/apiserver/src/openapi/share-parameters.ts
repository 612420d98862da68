import { createHash } from 'node:crypto';
import type { OpenApiNode } from '@pilothouse/apimachinery';

const META = '#/definitions/io.k8s.apimachinery.';

/** Never shared: kinds are named in the first, and kubectl up to 1.26 looks for the others where they are used. */
const ALWAYS_INLINE = new Set(['name', 'dryRun', 'fieldValidation']);

type Shared = Record<string, OpenApiNode>;

/**
 * Replaces the parameters in the paths of a v2 document, in place, by references to `parameters`, which halves the
 * document; a name is that of the parameter and a hash of what it says. k8s.io/kube-openapi, pkg/builder/parameters.go.
 */
export function shareParameters(paths: Readonly<Record<string, OpenApiNode>>): Shared {
  const shared: Shared = {};
  const names = new Map<string, string>();
  const refer = (parameter: OpenApiNode): OpenApiNode => {
    if (!isShareable(parameter)) return parameter;
    const text = JSON.stringify(parameter);
    let name = names.get(text);
    if (name === undefined) {
      name = `${String(parameter['name'])}-${createHash('sha512').update(text).digest('base64url').slice(0, 8)}`;
      names.set(text, name);
      shared[name] = parameter;
    }
    return { $ref: `#/parameters/${name}` };
  };
  const visit = (node: OpenApiNode): void => {
    const parameters = node['parameters'] as OpenApiNode[] | undefined;
    if (parameters) node['parameters'] = parameters.map(refer);
  };
  for (const path of Object.values(paths)) {
    visit(path);
    for (const [key, operation] of Object.entries(path)) if (key !== 'parameters') visit(operation as OpenApiNode);
  }
  return Object.fromEntries(Object.entries(shared).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isShareable({ name, in: place, schema }: OpenApiNode): boolean {
  if (place !== 'body') return !ALWAYS_INLINE.has(String(name));
  return String((schema as OpenApiNode | undefined)?.['$ref']).startsWith(META);
}
