import type { MutatingWebhookConfiguration, ValidationContext } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { validateWebhooks } from './webhook-list.ts';
import { defaultWebhook } from './webhook.ts';

export const mutatingWebhookConfiguration: KindBehaviour<MutatingWebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  kind: 'MutatingWebhookConfiguration',
  defaults: ({ webhooks }) => {
    for (const webhook of webhooks ?? []) {
      defaultWebhook(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
  columns: [
    nameColumn,
    column<MutatingWebhookConfiguration>('Webhooks', ({ webhooks }) => webhooks?.length ?? 0, { type: 'integer' }),
    ageColumn,
  ],
  strategy: {
    validate: ({ webhooks }: MutatingWebhookConfiguration, context: ValidationContext) =>
      validateWebhooks(webhooks, context),
    validateUpdate: (
      next: MutatingWebhookConfiguration,
      old: MutatingWebhookConfiguration,
      context: ValidationContext,
    ) => validateWebhooks(next.webhooks, context, old.webhooks ?? []),
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
};
