import type { Container } from '@pilothouse/api';
import { expandReferences } from '../runtime/expand-references.ts';

/**
 * Why a `subPathExpr` leads nowhere, in upstream's words; what the API can check in a `subPath` it has checked.
 * https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath-expanded-environment
 */
export function subPathProblem(
  { volumeMounts = [] }: Container,
  env: Readonly<Record<string, string>>,
): string | undefined {
  for (const { subPathExpr = '' } of volumeMounts) {
    const missing = [...subPathExpr.matchAll(/\$(?:\$|\(([^)]+)\))/g)].find(
      ([, name]) => name !== undefined && !Object.hasOwn(env, name),
    );
    if (missing) return `missing value for "${missing[1]}"`;
    const subPath = expandReferences(subPathExpr, env);
    if (subPath.startsWith('/')) return `error SubPath \`${subPath}\` must not be an absolute path`;
    if (subPath.split('/').includes('..')) return `unable to provision SubPath \`${subPath}\`: must not contain '..'`;
  }
  return undefined;
}
