import { parseApiVersion, type KubeObject } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import { internalType } from './internal-type.ts';

interface TypeMeta {
  readonly kind: string;
  readonly apiVersion: string;
}

/**
 * Why a decoded object is not of the built-in kind that is expected, in upstream's words; undefined when it is, though
 * perhaps in another version.
 */
export function typeMismatch({ kind, apiVersion }: KubeObject, expected: TypeMeta): string | undefined {
  const given = { kind: kind || expected.kind, apiVersion: apiVersion || expected.apiVersion };
  const { group, version } = parseApiVersion(given.apiVersion);
  if (schemaFor(group, version, given.kind) === undefined) {
    // Upstream names the place where its scheme is made.
    return `no kind "${given.kind}" is registered for version "${given.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  }
  const [actual, wanted] = [internalType(group, given.kind), internalType(groupOf(expected), expected.kind)];
  return actual === wanted ? undefined : `converting (${version}.${given.kind}) to (${wanted}): unknown conversion`;
}

const groupOf = ({ apiVersion }: TypeMeta) => parseApiVersion(apiVersion).group;
