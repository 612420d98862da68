import type { ConfigMap } from '@pilothouse/api';
import type { Resources } from '../registry/resources.ts';
import { ensureObject } from './ensure-object.ts';

const NAME = 'kube-apiserver-legacy-service-account-token-tracking';

/**
 * Says since when the use of tokens in Secrets is written down on them: before, nobody knows.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#auto-generated-legacy-serviceaccount-token-clean-up
 */
export async function ensureLegacyTokenTracking(resources: Resources, now: Date): Promise<void> {
  const metadata = { name: NAME, namespace: 'kube-system' };
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { since: now.toISOString().slice(0, 10) } };
  await ensureObject(resources.get('', 'configmaps').registry, object as ConfigMap, now);
}
