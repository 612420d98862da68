import { forbidden, isNotFound, randomSuffix } from '@pilothouse/apimachinery';
import type { Container, Pod, ServiceAccount, Volume } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

const DEFAULT_ACCOUNT = 'default';
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
/** An hour and a little, as upstream asks, so that kubelets renew before an hour is over. */
const TOKEN_EXPIRATION_SECONDS = 3607;
const FILE_MODE = 0o644;
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/**
 * Every pod runs as a service account and finds its token under a well-known path.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#serviceaccount
 */
export function serviceAccount(accounts: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    operations: ['CREATE'],
    async mutate(attributes) {
      if (!isPod(attributes)) return;
      const pod = attributes.object as Pod;
      if (pod.metadata?.annotations?.[MIRROR_ANNOTATION] !== undefined) return;
      const spec = pod.spec!;
      if (!spec.serviceAccountName) spec.serviceAccountName = DEFAULT_ACCOUNT;
      spec.serviceAccount = spec.serviceAccountName;
      const account = await fetchAccount(accounts, attributes, spec.serviceAccountName);
      if (shouldMountToken(account, pod)) mountToken(pod);
      if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
        spec.imagePullSecrets = account.imagePullSecrets.map(({ name }) => ({ name }));
      }
    },
    validate(attributes) {
      if (!isPod(attributes)) return;
      const pod = attributes.object as Pod;
      if (pod.metadata?.annotations?.[MIRROR_ANNOTATION] === undefined) return;
      if (pod.spec?.serviceAccountName) throw refusal(attributes, 'a mirror pod may not reference service accounts');
    },
  };
}

function isPod({ definition, subresource }: AdmissionAttributes): boolean {
  return definition.group === '' && definition.resource === 'pods' && subresource === '';
}

function refusal({ definition, name }: AdmissionAttributes, why: string) {
  return forbidden(definition, name, why);
}

async function fetchAccount(
  accounts: ObjectRegistry,
  attributes: AdmissionAttributes,
  name: string,
): Promise<ServiceAccount> {
  const key = { namespace: attributes.namespace, name };
  const cached = await accounts.peek(key);
  if (cached) return cached.object as ServiceAccount;
  try {
    return (await accounts.get(key)).object as ServiceAccount;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const why = `error looking up service account ${attributes.namespace}/${name}: serviceaccount "${name}" not found`;
    throw refusal(attributes, why);
  }
}

function shouldMountToken(account: ServiceAccount, pod: Pod): boolean {
  return pod.spec?.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

function mountToken(pod: Pod): void {
  const spec = pod.spec!;
  const before = spec.volumes?.find(({ name }) => name.startsWith(VOLUME_PREFIX));
  const name = before?.name ?? VOLUME_PREFIX + randomSuffix(Math.random);
  let used = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])] as Container[]) {
    if (container.volumeMounts?.some(({ mountPath }) => mountPath === TOKEN_PATH)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: TOKEN_PATH }];
    used = true;
  }
  if (used && !before) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: FILE_MODE,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_EXPIRATION_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  } as Volume;
}
