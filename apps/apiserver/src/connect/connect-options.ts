import type { KubeObject } from '@pilothouse/apimachinery';
import type { Target } from '../endpoints/target.ts';

const KINDS: Readonly<Record<string, string>> = {
  'pods/exec': 'PodExecOptions',
  'pods/attach': 'PodAttachOptions',
  'pods/portforward': 'PodPortForwardOptions',
  'pods/proxy': 'PodProxyOptions',
  'services/proxy': 'ServiceProxyOptions',
  'nodes/proxy': 'NodeProxyOptions',
};

const FLAGS = new Set(['stdin', 'stdout', 'stderr', 'tty']);
const LISTS = new Set(['command', 'ports']);

/** The query of a connect as the object that it stands for: what admission is asked about. */
export function connectOptions(
  { resource, subresource }: Target,
  query: URLSearchParams,
  proxyPath: string,
): KubeObject | undefined {
  const kind = KINDS[`${resource.definition.resource}/${subresource?.name ?? ''}`];
  if (kind === undefined || resource.definition.group !== '') return undefined;
  const options: Record<string, unknown> = { kind, apiVersion: 'v1' };
  if (kind.endsWith('ProxyOptions')) return { ...options, path: proxyPath } as KubeObject;
  for (const name of new Set(query.keys())) {
    if (FLAGS.has(name)) options[name] = query.get(name) !== 'false' && query.get(name) !== '0';
    else if (LISTS.has(name)) options[name] = name === 'ports' ? query.getAll(name).map(Number) : query.getAll(name);
    else if (name === 'container') options[name] = query.get(name);
  }
  return options as KubeObject;
}
