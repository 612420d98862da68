import type { ConnectServices } from '../connect/connect-services.ts';
import { podLog } from '../connect/pod-log.ts';
import { podStream } from '../connect/pod-stream.ts';
import { nodeProxy, podProxy, serviceProxy } from '../connect/proxy.ts';
import type { WriteServices } from '../endpoints/write-services.ts';
import type { Resources } from '../registry/resources.ts';
import { requestToken, type TokenIssuer } from '../service-accounts/token-request.ts';
import { bindPod } from './pod-binding.ts';
import { evictPod } from './pod-eviction.ts';
import { scaleVerbs } from './scale.ts';
import type { SubresourceVerbs } from './subresource-endpoint.ts';

/** Subresources that are more than a view on their object, by `<group>/<resource>/<name>` or by name alone. */
export function specialSubresources(
  services: WriteServices,
  resources: Resources,
  tokenIssuer: TokenIssuer | undefined,
  connect: ConnectServices,
): Readonly<Record<string, SubresourceVerbs>> {
  return {
    scale: scaleVerbs(services),
    '/serviceaccounts/token': tokenIssuer ? { create: requestToken(services, tokenIssuer, resources) } : {},
    '/pods/log': { get: podLog(connect) },
    '/pods/exec': { connect: podStream('exec', connect) },
    '/pods/attach': { connect: podStream('attach', connect) },
    '/pods/portforward': { connect: podStream('portForward', connect) },
    '/pods/proxy': { connect: podProxy(connect) },
    '/services/proxy': { connect: serviceProxy(connect) },
    '/nodes/proxy': { connect: nodeProxy(connect) },
    '/pods/binding': { create: bindPod(services, resources) },
    '/pods/eviction': { create: evictPod(services, resources) },
  };
}
