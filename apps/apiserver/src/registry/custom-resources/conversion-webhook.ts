import { randomUUID } from 'node:crypto';
import {
  formatApiVersion,
  isJsonObject,
  parseApiVersion,
  StatusError,
  type KubeObject,
  type ObjectMeta,
  type RemoteConversion,
} from '@pilothouse/apimachinery';
import type { CustomResourceDefinition, WebhookConversion } from '@pilothouse/api';
import type { WebhookClient } from '../../admission/webhooks/webhook-client.ts';
import { shownIn, type CustomVersion } from './custom-version.ts';

const TIMEOUT_MS = 30_000;
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/** The conversion to one version of a resource. */
export type ConversionOf = (version: CustomVersion) => RemoteConversion;

/** Undefined when the CRD's versions differ by name alone. */
export function conversionWebhook(crd: CustomResourceDefinition, client: WebhookClient): ConversionOf | undefined {
  const { conversion, group } = crd.spec;
  if (conversion?.strategy !== 'Webhook' || !conversion.webhook) return undefined;
  const webhook = new ConversionWebhook(conversion.webhook, client);
  return (version) => {
    const apiVersion = formatApiVersion({ group, version: version.version.name });
    return (objects) => webhook.convert(objects, apiVersion, version);
  };
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion */
class ConversionWebhook {
  readonly #webhook: WebhookConversion;
  readonly #client: WebhookClient;

  constructor(webhook: WebhookConversion, client: WebhookClient) {
    this.#webhook = webhook;
    this.#client = client;
  }

  /** Only what is in another version is sent; the answer's order is that of the objects. Rejects with a StatusError. */
  async convert(objects: readonly KubeObject[], apiVersion: string, target: CustomVersion): Promise<KubeObject[]> {
    const foreign = objects.filter((object) => object.apiVersion !== apiVersion);
    if (foreign.length === 0) return [...objects];
    const first = foreign[0]!;
    const name = `${groupVersionText(first.apiVersion ?? '')}, Kind=${first.kind ?? ''}`;
    const answered = await this.#ask(foreign, apiVersion, name);
    if (answered.length !== foreign.length) {
      throw failure(`conversion webhook for ${name} returned ${answered.length} objects, expected ${foreign.length}`);
    }
    let next = 0;
    return objects.map((object) => {
      if (object.apiVersion === apiVersion) return object;
      const converted = checked(object, answered[next], apiVersion, next++, name);
      return shownIn(target, converted);
    });
  }

  async #ask(objects: readonly KubeObject[], apiVersion: string, name: string): Promise<readonly unknown[]> {
    const version = this.#webhook.conversionReviewVersions?.find((each) => REVIEW_VERSIONS.includes(each));
    if (version === undefined) throw failure('no supported conversion review versions');
    const uid = randomUUID();
    const reviewVersion = `apiextensions.k8s.io/${version}`;
    const review = {
      kind: 'ConversionReview',
      apiVersion: reviewVersion,
      request: { uid, desiredAPIVersion: apiVersion, objects },
      response: { uid: '', convertedObjects: null, result: { metadata: {} } },
    };
    try {
      const answer = await this.#client.post(
        this.#webhook.clientConfig ?? {},
        Buffer.from(JSON.stringify(review)),
        TIMEOUT_MS,
      );
      if (answer.code !== 200)
        throw new Error(answer.body.toString().trim() || `the server responded with the status code ${answer.code}`);
      return convertedObjects(JSON.parse(answer.body.toString()), reviewVersion, uid);
    } catch (error) {
      throw failure(`conversion webhook for ${name} failed: ${(error as Error).message}`);
    }
  }
}

function convertedObjects(answer: unknown, reviewVersion: string, uid: string): readonly unknown[] {
  const { apiVersion, kind, response } = isJsonObject(answer) ? answer : {};
  if (apiVersion !== reviewVersion || kind !== 'ConversionReview') {
    throw new Error(
      `expected webhook response of ${groupVersionText(reviewVersion)}, Kind=ConversionReview, got ${groupVersionText(String(apiVersion ?? ''))}, Kind=${String(kind ?? '')}`,
    );
  }
  if (!isJsonObject(response)) throw new Error('no response provided');
  // v1beta1 did not ask for the uid back.
  if (reviewVersion.endsWith('/v1') && response.uid !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  }
  const result = isJsonObject(response.result) ? response.result : {};
  if (result.status !== 'Success') {
    throw new Error(
      typeof result.message === 'string' && result.message !== ''
        ? result.message
        : `response.result.status was '${String(result.status ?? '')}', not 'Success'`,
    );
  }
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : [];
}

/** A webhook may change labels and annotations, no other metadata. */
function checked(
  original: KubeObject,
  answered: unknown,
  apiVersion: string,
  at: number,
  name: string,
): Record<string, unknown> {
  const fail = (why: string): never => {
    throw failure(`conversion webhook for ${name} returned invalid converted object at index ${at}: ${why}`);
  };
  if (!isJsonObject(answered)) return fail('expected an object');
  if (answered.apiVersion !== apiVersion) {
    fail(
      `invalid groupVersion (expected ${groupVersionText(apiVersion)}, received ${groupVersionText(String(answered.apiVersion ?? ''))})`,
    );
  }
  if (answered.kind !== original.kind)
    fail(`invalid kind (expected ${original.kind}, received ${String(answered.kind)})`);
  const before = original.metadata ?? {};
  const after = (isJsonObject(answered.metadata) ? answered.metadata : {}) as ObjectMeta;
  for (const [field, text] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    if ((before[field] ?? '') !== (after[field] ?? ''))
      fail(`must have the same ${text}: ${before[field] ?? ''} != ${after[field] ?? ''}`);
  }
  const { labels: _labels, annotations: _annotations, ...kept } = before;
  const metadata = {
    ...kept,
    ...(after.labels ? { labels: after.labels } : {}),
    ...(after.annotations ? { annotations: after.annotations } : {}),
  };
  return { ...answered, metadata };
}

function groupVersionText(apiVersion: string): string {
  const { group, version } = parseApiVersion(apiVersion);
  return group === '' ? version : `${group}/${version}`;
}

const failure = (message: string): StatusError => new StatusError({ message, code: 500 });
