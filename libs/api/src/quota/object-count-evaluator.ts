import { Quantity } from '@pilothouse/apimachinery';
import { objectCountName, type QuotaEvaluator } from './evaluator.ts';

/** Resources that quotas also know by their plain name. */
const LEGACY_NAMES = new Set(['configmaps', 'secrets', 'replicationcontrollers', 'resourcequotas']);

/** Any resource, of which only the number counts. */
export function objectCountEvaluator(group: string, resource: string): QuotaEvaluator {
  const names = [objectCountName(group, resource), ...(group === '' && LEGACY_NAMES.has(resource) ? [resource] : [])];
  const usage = Object.fromEntries(names.map((name) => [name, Quantity.of(1)]));
  return {
    group,
    resource,
    charges: ({ operation, subresource }) => subresource === '' && operation === 'CREATE',
    matching: (wanted) => wanted.filter((name) => names.includes(name)),
    usage: () => usage,
  };
}

/** The resource that a quota's name counts by number alone: `count/deployments.apps`, `secrets`. */
export function countedResource(name: string): { readonly group: string; readonly resource: string } | undefined {
  if (LEGACY_NAMES.has(name)) return { group: '', resource: name };
  if (!name.startsWith('count/')) return undefined;
  const [resource = '', ...group] = name.slice('count/'.length).split('.');
  return { group: group.join('.'), resource };
}
