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
): Readonly<Record<string, SubresourceVerbs>> {
  return {
    scale: scaleVerbs(services),
    '/serviceaccounts/token': tokenIssuer ? { create: requestToken(tokenIssuer, resources) } : {},
    '/pods/binding': { create: bindPod(services, resources) },
    '/pods/eviction': { create: evictPod(services, resources) },
  };
}
