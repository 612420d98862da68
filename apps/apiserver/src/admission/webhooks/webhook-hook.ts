import {
  EVERYTHING,
  selectorFromLabelSelector,
  type LabelSelectorFields,
  type Selector,
} from '@pilothouse/apimachinery';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '@pilothouse/api';

export type WebhookConfiguration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;
export type Webhook = MutatingWebhook | ValidatingWebhook;

/** One webhook of one configuration, with its selectors read. */
export interface WebhookHook {
  /** Unique among all webhooks: a configuration may list the same name twice. */
  readonly id: string;
  /** The name of its configuration. */
  readonly configuration: string;
  readonly webhook: Webhook;
  /** Parsed on first use, because a selector that is not valid fails only the requests that ask it. */
  readonly namespaceSelector: () => Selector;
  readonly objectSelector: () => Selector;
}

/** The webhooks of all configurations in the order in which they are called: by configuration name, then as listed. */
export function hooksOf(configurations: Iterable<WebhookConfiguration>): readonly WebhookHook[] {
  const sorted = [...configurations].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return sorted.flatMap((configuration) =>
    (configuration.webhooks ?? []).map((webhook, index) => ({
      id: `${nameOf(configuration)}/${webhook.name}/${index}`,
      configuration: nameOf(configuration),
      webhook,
      namespaceSelector: lazySelector(webhook.namespaceSelector as LabelSelectorFields | undefined),
      objectSelector: lazySelector(webhook.objectSelector as LabelSelectorFields | undefined),
    })),
  );
}

const nameOf = (configuration: WebhookConfiguration) => configuration.metadata.name ?? '';

/** An absent selector of a webhook selects everything: that is its default. */
function lazySelector(selector: LabelSelectorFields | undefined): () => Selector {
  let parsed: Selector | undefined;
  return () => (parsed ??= selector === undefined ? EVERYTHING : selectorFromLabelSelector(selector));
}
