import { StatusError } from '@pilothouse/apimachinery';
import { qosClassOf, type Pod, type Toleration } from '@pilothouse/api';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import { configurationOf, type AdmissionConfiguration } from '../admission-configuration.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { areAllowed, mergeTolerations } from '../merge-tolerations.ts';

const NAME = 'PodTolerationRestriction';
const API_VERSION = 'podtolerationrestriction.admission.k8s.io/v1alpha1';
const DEFAULTS = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const ALLOWED = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const MEMORY_PRESSURE: Toleration = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/**
 * A namespace, or the configuration for all of them, gives its pods tolerations and says which they may have.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podtolerationrestriction
 */
export function podTolerationRestriction(
  namespaces: ObjectRegistry,
  configuration: AdmissionConfiguration,
): AdmissionPlugin {
  const cluster = configurationOf(configuration, NAME, API_VERSION) as
    | { readonly default?: readonly Toleration[]; readonly whitelist?: readonly Toleration[] }
    | undefined;

  const inNamespace = async (namespace: string, annotation: string): Promise<Toleration[] | undefined> => {
    const key = { namespace: '', name: namespace };
    const { object } = (await namespaces.peek(key)) ?? (await namespaces.get(key));
    const text = object.metadata?.annotations?.[annotation];
    return text === undefined || text === '' ? undefined : parseTolerations(text, annotation, namespace);
  };

  return {
    name: NAME,
    operations: ['CREATE', 'UPDATE'],
    async mutate(attributes) {
      if (!isPod(attributes)) return;
      const pod = attributes.object as Pod;
      const added = [
        ...(attributes.operation === 'CREATE'
          ? ((await inNamespace(attributes.namespace, DEFAULTS)) ?? cluster?.default ?? [])
          : []),
        ...(qosClassOf(pod.spec) === 'BestEffort' ? [] : [MEMORY_PRESSURE]),
      ];
      if (added.length > 0) pod.spec.tolerations = mergeTolerations(pod.spec.tolerations ?? [], added);
    },
    async validate(attributes) {
      if (!isPod(attributes)) return;
      const { tolerations = [] } = (attributes.object as Pod).spec;
      if (tolerations.length === 0) return;
      const own = await inNamespace(attributes.namespace, ALLOWED);
      const allowed = own ?? cluster?.whitelist ?? [];
      if (allowed.length === 0 || areAllowed(tolerations, allowed)) return;
      const scope = own === undefined ? 'cluster' : 'namespace';
      throw refusal(
        `pod tolerations (possibly merged with namespace default tolerations) conflict with its ${scope} whitelist`,
      );
    },
  };
}

function isPod({ definition, subresource }: AdmissionAttributes): boolean {
  return definition.group === '' && definition.resource === 'pods' && subresource === '';
}

function parseTolerations(text: string, annotation: string, namespace: string): Toleration[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed as Toleration[];
  } catch {
    // Told below.
  }
  throw refusal(`annotation ${annotation} of namespace ${JSON.stringify(namespace)} is no list of tolerations`);
}

function refusal(message: string): StatusError {
  return new StatusError({ message, reason: 'Forbidden', code: 403 });
}
