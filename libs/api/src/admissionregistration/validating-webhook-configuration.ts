import type { ValidationContext, ValidatingWebhookConfiguration } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { validateWebhooks } from './webhook-list.ts';
import { defaultWebhook } from './webhook.ts';

export const validatingWebhookConfiguration: KindBehaviour<ValidatingWebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingWebhookConfiguration',
  defaults: ({ webhooks }) => webhooks?.forEach(defaultWebhook),
  columns: [
    nameColumn,
    column<ValidatingWebhookConfiguration>('Webhooks', ({ webhooks }) => webhooks?.length ?? 0, { type: 'integer' }),
    ageColumn,
  ],
  strategy: {
    validate: ({ webhooks }: ValidatingWebhookConfiguration, context: ValidationContext) =>
      validateWebhooks(webhooks, context),
    validateUpdate: (
      next: ValidatingWebhookConfiguration,
      old: ValidatingWebhookConfiguration,
      context: ValidationContext,
    ) => validateWebhooks(next.webhooks, context, old.webhooks ?? []),
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
};
