import type { ConfigMap } from '@pilothouse/api';
import type { Resources } from '../registry/resources.ts';
import { ensureObject } from './ensure-object.ts';

/** How this server knows its clients, for extension servers that must know the same. */
export interface ClientAuthorities {
  readonly clientCa?: string;
  readonly requestHeaderCa?: string;
  readonly requestHeaders?: {
    readonly username: readonly string[];
    readonly group: readonly string[];
    readonly extraPrefix: readonly string[];
    readonly allowedNames: readonly string[];
  };
}

const NAME = 'extension-apiserver-authentication';

/** https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#kubernetes-apiserver-client-authentication */
export async function ensureAuthenticationConfigMap(resources: Resources, authorities: ClientAuthorities, now: Date) {
  const { clientCa, requestHeaderCa, requestHeaders } = authorities;
  const data: Record<string, string> = {};
  if (clientCa) data['client-ca-file'] = clientCa;
  if (requestHeaderCa && requestHeaders) {
    data['requestheader-client-ca-file'] = requestHeaderCa;
    data['requestheader-username-headers'] = JSON.stringify(requestHeaders.username);
    data['requestheader-group-headers'] = JSON.stringify(requestHeaders.group);
    data['requestheader-extra-headers-prefix'] = JSON.stringify(requestHeaders.extraPrefix);
    data['requestheader-allowed-names'] = JSON.stringify(requestHeaders.allowedNames);
  }
  const metadata = { name: NAME, namespace: 'kube-system' };
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data };
  await ensureObject(resources.get('', 'configmaps').registry, object as ConfigMap, now);
}
