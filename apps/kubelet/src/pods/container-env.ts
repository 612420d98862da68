import type { Container, EnvVar, Pod } from '@pilothouse/api';
import { expandReferences } from '../runtime/expand-references.ts';
import { fieldRefValue, resourceFieldValue } from './field-ref.ts';
import type { HostFacts } from './field-ref.ts';
import type { LookupResult, ObjectLookup, ReferencedKind } from './object-lookup.ts';

export type EnvResult =
  | { readonly state: 'ready'; readonly env: Readonly<Record<string, string>> }
  | { readonly state: 'pending' }
  /** Shows as CreateContainerConfigError. */
  | { readonly state: 'failed'; readonly message: string };

/** Ends the resolution early, with what is to be reported. */
class Unresolved extends Error {
  readonly result: EnvResult;
  constructor(result: EnvResult) {
    super();
    this.result = result;
  }
}

/** The variables of a container: those of services, `envFrom`, then `env`, each able to use those before it. */
export function planEnv(
  pod: Pod,
  container: Container,
  podIPs: readonly string[],
  host: HostFacts,
  lookup: ObjectLookup,
  services: Readonly<Record<string, string>> = {},
): EnvResult {
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOSTNAME: pod.spec.hostNetwork ? host.nodeName : (pod.spec.hostname ?? pod.metadata.name ?? ''),
    ...services,
  };
  const namespace = pod.metadata.namespace ?? '';
  try {
    for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
      const [kind, reference] = configMapRef
        ? (['configmap', configMapRef] as const)
        : (['secret', secretRef] as const);
      const data = dataOf(lookup(kind, namespace, reference?.name ?? ''), reference?.optional) ?? {};
      for (const [key, value] of Object.entries(data)) env[prefix + key] = value;
    }
    for (const variable of container.env ?? []) {
      const value = valueOf(variable, env);
      if (value !== undefined) env[variable.name] = value;
    }
    return { state: 'ready', env: { ...env, HOME: env['HOME'] ?? '/root' } };
  } catch (error) {
    if (error instanceof Unresolved) return error.result;
    throw error;
  }

  function valueOf({ value, valueFrom }: EnvVar, known: Readonly<Record<string, string>>): string | undefined {
    if (!valueFrom) return expandReferences(value ?? '', known);
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
    if (fieldRef) return fieldRefValue(pod, fieldRef.fieldPath, podIPs, host);
    if (resourceFieldRef) {
      const named = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(
        ({ name }) => name === resourceFieldRef.containerName,
      );
      return resourceFieldValue(named ?? container, resourceFieldRef.resource, resourceFieldRef.divisor, host);
    }
    if (configMapKeyRef) return keyOf('configmap', configMapKeyRef);
    return secretKeyRef && keyOf('secret', secretKeyRef);
  }

  function keyOf(
    kind: ReferencedKind,
    { name = '', key, optional }: { name?: string; key: string; optional?: boolean },
  ): string | undefined {
    const data = dataOf(lookup(kind, namespace, name), optional);
    if (!data || Object.hasOwn(data, key)) return data?.[key];
    if (optional) return undefined;
    const label = kind === 'configmap' ? 'ConfigMap' : 'Secret';
    throw new Unresolved({ state: 'failed', message: `couldn't find key ${key} in ${label} ${namespace}/${name}` });
  }
}

/** Undefined for an object that is missing and may be. */
function dataOf(result: LookupResult, optional = false): Readonly<Record<string, string>> | undefined {
  if (result.state === 'found') return result.data;
  if (result.state === 'pending') throw new Unresolved({ state: 'pending' });
  if (optional && result.notFound) return undefined;
  throw new Unresolved({ state: 'failed', message: result.message });
}
