import { LRUCache } from 'lru-cache';
import { forbidden } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import { KubeconfigWebhook } from '../../connect/kubeconfig-webhook.ts';
import type { AdmissionConfiguration } from '../admission-configuration.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

const NAME = 'ImagePolicyWebhook';
const ANNOTATION = '.image-policy.k8s.io/';
const AUDIT = 'imagepolicywebhook.image-policy.k8s.io/';
const REMEMBERED = 1_024;
const TIMEOUT_MS = 30_000;
const ATTEMPTS = 5;
const BACKOFF_FACTOR = 1.5;

interface Settings {
  readonly webhook: Pick<KubeconfigWebhook, 'post'>;
  readonly allowMs: number;
  readonly denyMs: number;
  readonly retryMs: number;
  readonly defaultAllow: boolean;
}

/** `status` of an imagepolicy.k8s.io/v1alpha1 ImageReview. */
interface ReviewStatus {
  readonly allowed?: boolean;
  readonly reason?: string;
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/**
 * Asks a service about the images of each pod.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#imagepolicywebhook
 */
export function imagePolicyWebhook(configuration: AdmissionConfiguration, clock: Clock): AdmissionPlugin {
  let settings: Settings | undefined;
  // A time to live is counted by the cache's own clock.
  const answers = new LRUCache<string, ReviewStatus>({ max: REMEMBERED });
  return {
    name: NAME,
    operations: ['CREATE', 'UPDATE'],
    configure() {
      settings = readSettings(configuration.get(NAME) ?? {});
    },
    async validate(attributes) {
      const { definition, subresource } = attributes;
      if (definition.group !== '' || definition.resource !== 'pods') return;
      if (subresource !== '' && subresource !== 'ephemeralcontainers') return;
      const spec = reviewSpec(attributes);
      const key = JSON.stringify(spec);
      let status = answers.get(key);
      if (status === undefined) {
        try {
          status = await ask(settings!, spec, clock);
        } catch (error) {
          if (!settings!.defaultAllow) throw forbidden(definition, attributes.name, (error as Error).message);
          attributes.annotate?.(`${AUDIT}failed-open`, 'true');
          return;
        }
        const ttl = status.allowed ? settings!.allowMs : settings!.denyMs;
        if (ttl > 0) answers.set(key, status, { ttl });
      }
      for (const [name, value] of Object.entries(status.auditAnnotations ?? {})) {
        attributes.annotate?.(AUDIT + name, value);
      }
      if (!status.allowed) throw forbidden(definition, attributes.name, refusalOf(status));
    },
  };
}

function refusalOf({ reason }: ReviewStatus): string {
  return reason
    ? `image policy webhook backend denied one or more images: ${reason}`
    : 'one or more images rejected by webhook backend';
}

function reviewSpec({ object, subresource, namespace }: AdmissionAttributes): object {
  const { spec, metadata } = object as Pod;
  const containers =
    subresource === ''
      ? [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
      : (spec?.ephemeralContainers ?? []);
  const annotations = Object.entries(metadata?.annotations ?? {}).filter(([key]) => key.includes(ANNOTATION));
  return {
    containers: containers.map(({ image }) => ({ image })),
    ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}),
    namespace,
  };
}

async function ask({ webhook, retryMs }: Settings, spec: object, clock: Clock): Promise<ReviewStatus> {
  const review = { kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', metadata: {}, spec };
  for (let attempt = 1, delayMs = retryMs; ; attempt++, delayMs *= BACKOFF_FACTOR) {
    try {
      const { code, body } = await webhook.post(review, TIMEOUT_MS);
      if (code >= 500 || code === 429) throw new Error(`Error contacting webhook: ${code}`);
      if (code < 200 || code >= 300) return await Promise.reject(new Refused(`Error contacting webhook: ${code}`));
      return (JSON.parse(body.toString()) as { status?: ReviewStatus }).status ?? {};
    } catch (error) {
      if (error instanceof Refused || attempt === ATTEMPTS) throw error;
      await clock.sleep(delayMs);
    }
  }
}

/** An answer that will not be another one the next time. */
class Refused extends Error {}

/** In seconds and, for the backoff, milliseconds; -1 switches remembering off. */
function readSettings(configuration: Readonly<Record<string, unknown>>): Settings {
  const given = configuration['imagePolicy'] as
    | {
        readonly kubeConfigFile?: string;
        readonly allowTTL?: number;
        readonly denyTTL?: number;
        readonly retryBackoff?: number;
        readonly defaultAllow?: boolean;
      }
    | undefined;
  if (!given?.kubeConfigFile) throw new Error(`${NAME}: no kubeConfigFile provided in configuration`);
  return {
    webhook: new KubeconfigWebhook(given.kubeConfigFile),
    allowMs: duration('allowTTL', given.allowTTL, 1_000, { min: 1, max: 1_800, normal: 300 }),
    denyMs: duration('denyTTL', given.denyTTL, 1_000, { min: 1, max: 1_800, normal: 30 }),
    retryMs: duration('retryBackoff', given.retryBackoff, 1, { min: 1, max: 300_000, normal: 500 }),
    defaultAllow: given.defaultAllow ?? false,
  };
}

function duration(
  name: string,
  value: number | undefined,
  unitMs: number,
  { min, max, normal }: { readonly min: number; readonly max: number; readonly normal: number },
): number {
  if (value === -1) return 0;
  const chosen = value || normal;
  if (chosen >= min && chosen <= max) return chosen * unitMs;
  const text = (count: number) => `${(count * unitMs) / 1_000}s`;
  throw new Error(`${NAME}: ${name}: valid value is between ${text(min)} and ${text(max)}, got ${text(chosen)}`);
}
