import { tooManyRequests } from '@pilothouse/apimachinery';
import type { Event } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import { configurationOf, type AdmissionConfiguration, type PluginConfiguration } from '../admission-configuration.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { TokenBuckets } from '../token-buckets.ts';

const NAME = 'EventRateLimit';
const API_VERSION = 'eventratelimit.admission.k8s.io/v1alpha1';
const DEFAULT_CACHE_SIZE = 4096;
const RETRY_AFTER_SECONDS = 0;

/** Whose events share a limit. */
const KEYS: Readonly<Record<string, (attributes: AdmissionAttributes) => string>> = {
  Server: () => '{}',
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.name,
  SourceAndObject({ object }) {
    const { source, involvedObject } = object as Event;
    const { kind, namespace, name, uid, apiVersion } = involvedObject ?? {};
    return [source?.component, source?.host, kind, namespace, name, uid, apiVersion].join('');
  },
};

interface Limit {
  readonly type: string;
  readonly qps: number;
  readonly burst: number;
  readonly cacheSize?: number;
}

/**
 * Refuses events beyond the rates of its configuration, without which it cannot be switched on.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#eventratelimit
 */
export function eventRateLimit(configuration: AdmissionConfiguration, clock: Clock): AdmissionPlugin {
  let limits: readonly { readonly type: string; readonly buckets: TokenBuckets }[] = [];
  return {
    name: NAME,
    operations: ['CREATE', 'UPDATE'],
    configure() {
      limits = readLimits(configurationOf(configuration, NAME, API_VERSION)).map(({ type, qps, burst, cacheSize }) => ({
        type,
        buckets: new TokenBuckets(qps, burst, cacheSize || DEFAULT_CACHE_SIZE, clock),
      }));
    },
    validate(attributes) {
      const { definition, dryRun } = attributes;
      if (definition.group !== '' || definition.resource !== 'events' || dryRun) return;
      const reached = limits.flatMap(({ type, buckets }) => {
        const key = KEYS[type]!(attributes);
        return buckets.take(key) ? [] : [`limit reached on type ${type} for key ${key}`];
      });
      if (reached.length === 0) return;
      const why = reached.length === 1 ? reached[0]! : `[${reached.join(', ')}]`;
      throw tooManyRequests(`Too many requests: ${why}`, RETRY_AFTER_SECONDS);
    },
  };
}

function readLimits(configuration: PluginConfiguration | undefined): readonly Limit[] {
  const limits = configuration?.['limits'];
  if (!Array.isArray(limits) || limits.length === 0)
    throw new Error(`${NAME}: limits: Invalid value: []: must not be empty`);
  (limits as Limit[]).forEach(({ type, qps, burst }, i) => {
    const refuse = (field: string, value: unknown, why: string): never => {
      throw new Error(`${NAME}: limits[${i}].${field}: Invalid value: ${JSON.stringify(value)}: ${why}`);
    };
    if (!Object.hasOwn(KEYS, type)) refuse('type', type, `must be one of ${Object.keys(KEYS).join(', ')}`);
    if (!(qps > 0)) refuse('qps', qps, 'must be positive');
    if (!(burst > 0)) refuse('burst', burst, 'must be positive');
  });
  return limits as Limit[];
}
