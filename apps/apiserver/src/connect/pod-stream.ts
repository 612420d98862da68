import { badRequest } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { Endpoint } from '../endpoints/target.ts';
import type { ConnectServices } from './connect-services.ts';
import { kubeletLocation } from './kubelet-location.ts';
import { containerOf } from './pod-container.ts';
import { proxyRequest } from './proxy-request.ts';

/** `exec`, `attach` and `portforward`: tunnelled to the kubelet, which knows the protocols. */
export const podStream =
  (kind: 'exec' | 'attach' | 'portForward', { resources, backend, kubelets }: ConnectServices): Endpoint =>
  async (request, { key, resource }) => {
    const pod = (await resource.registry.get(key)).object as Pod;
    const container = kind === 'portForward' ? undefined : containerOf(pod, request.query.get('container'));
    const nodeName = pod.spec?.nodeName;
    if (!nodeName) throw badRequest(`pod ${key.name} does not have a host assigned`);
    const path = `/${kind}/${key.namespace}/${key.name}${container === undefined ? '' : `/${container}`}`;
    const location = await kubeletLocation(resources, kubelets, nodeName);
    await proxyRequest(request, backend, location, `${path}${kubeletQuery(kind, request.query)}`);
  };

/** The API's parameters as the kubelet calls them. */
const KUBELET_NAMES: Readonly<Record<string, string>> = {
  command: 'command',
  stdin: 'input',
  stdout: 'output',
  stderr: 'error',
  tty: 'tty',
  ports: 'port',
};

function kubeletQuery(kind: string, query: URLSearchParams): string {
  const passed = new URLSearchParams();
  for (const [name, value] of query) {
    const kubeletName = KUBELET_NAMES[name];
    if (kubeletName === undefined) continue;
    const isFlag =
      kubeletName === 'input' || kubeletName === 'output' || kubeletName === 'error' || kubeletName === 'tty';
    if (isFlag && (value === 'false' || value === '0')) continue;
    passed.append(kubeletName, isFlag ? '1' : value);
  }
  // Both output streams by default, as the API has it.
  if (kind !== 'portForward' && !query.has('stdout') && !passed.has('output')) passed.append('output', '1');
  if (kind !== 'portForward' && !query.has('stderr') && !passed.has('error') && !passed.has('tty'))
    passed.append('error', '1');
  const text = passed.toString();
  return text === '' ? '' : `?${text}`;
}
