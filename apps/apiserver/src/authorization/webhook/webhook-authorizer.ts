import { LRUCache } from 'lru-cache';
import { parseDurationMs, type Clock, type Logger } from '@pilothouse/component';
import { KubeconfigWebhook } from '../../connect/kubeconfig-webhook.ts';
import type { AuthorizationAttributes, Authorizer, Decision } from '../authorizer.ts';
import type { AuthorizerConfiguration } from './authorization-configuration.ts';
import { compileCondition, matchesRequest } from './match-request.ts';
import { selectorAttributes } from './selector-attributes.ts';

const REMEMBERED = 8_192;
/** Longer questions are not remembered, so that nobody fills the memory with them. */
const LONGEST_KEY = 10_000;
const ATTEMPTS = 5;
const FIRST_DELAY_MS = 500;
const BACKOFF_FACTOR = 1.5;

interface ReviewStatus {
  readonly allowed?: boolean;
  readonly denied?: boolean;
  readonly reason?: string;
}

/** Asks a service who may do what. https://kubernetes.io/docs/reference/access-authn-authz/webhook/ */
export function webhookAuthorizer(
  { name = '', webhook = {} }: AuthorizerConfiguration,
  clock: Clock,
  logger: Logger,
): Authorizer {
  const { subjectAccessReviewVersion: version, failurePolicy, connectionInfo, matchConditions = [] } = webhook;
  const [timeoutMs, allowMs, denyMs] = [webhook.timeout, webhook.authorizedTTL, webhook.unauthorizedTTL].map(
    (text) => parseDurationMs(text ?? '') ?? 0,
  ) as [number, number, number];
  const service = new KubeconfigWebhook(connectionInfo?.kubeConfigFile ?? '');
  const conditions = matchConditions.map(({ expression = '' }) => compileCondition(expression));
  // A time to live is counted by the cache's own clock.
  const answers = new LRUCache<string, Decision>({ max: REMEMBERED });

  return {
    async authorize(attributes) {
      try {
        if (!matchesRequest(conditions, attributes)) return { decision: 'none', reason: '' };
        const spec = reviewSpec(attributes, version ?? 'v1');
        const key = JSON.stringify(spec);
        const known = answers.get(key);
        if (known) return known;
        const decision = decisionOf(await ask(spec));
        const ttl = decision.decision === 'allow' ? allowMs : denyMs;
        if (key.length <= LONGEST_KEY && ttl > 0) answers.set(key, decision, { ttl });
        return decision;
      } catch (error) {
        logger.warn({ authorizer: name, err: (error as Error).message }, 'Authorization webhook could not be asked');
        const reason = `webhook authorizer ${name} could not be asked`;
        return { decision: failurePolicy === 'Deny' ? 'deny' : 'none', reason };
      }
    },
  };

  async function ask(spec: object): Promise<ReviewStatus> {
    const review = {
      kind: 'SubjectAccessReview',
      apiVersion: `authorization.k8s.io/${version}`,
      metadata: {},
      spec,
      status: { allowed: false },
    };
    for (let attempt = 1, delayMs = FIRST_DELAY_MS; ; attempt++, delayMs *= BACKOFF_FACTOR) {
      const { code, body } = await service.post(review, timeoutMs);
      if (code >= 200 && code < 300) return (JSON.parse(body.toString()) as { status?: ReviewStatus }).status ?? {};
      if ((code < 500 && code !== 429) || attempt === ATTEMPTS) throw new Error(`the webhook answered ${code}`);
      await clock.sleep(delayMs);
    }
  }
}

function decisionOf({ allowed = false, denied = false, reason = '' }: ReviewStatus): Decision {
  if (allowed && denied) throw new Error('webhook subject access review returned both allow and deny response');
  if (denied) return { decision: 'deny', reason };
  return { decision: allowed ? 'allow' : 'none', reason };
}

/** `v1beta1` calls the groups `group`. */
function reviewSpec({ user, verb, isResource, path, ...about }: AuthorizationAttributes, version: string): object {
  const { apiGroup: group, apiVersion, namespace, resource, subresource, name } = about;
  const asked = given({ namespace, verb, group, version: apiVersion, resource, subresource, name });
  return {
    ...(isResource
      ? { resourceAttributes: { ...asked, ...selectorAttributes(about) } }
      : { nonResourceAttributes: { path, verb } }),
    user: user.name,
    [version === 'v1beta1' ? 'group' : 'groups']: user.groups,
    ...(user.extra ? { extra: user.extra } : {}),
    ...(user.uid ? { uid: user.uid } : {}),
  };
}

function given(fields: Readonly<Record<string, string>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
