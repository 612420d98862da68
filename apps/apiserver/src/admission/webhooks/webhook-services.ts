import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Resources } from '../../registry/resources.ts';
import type { AdmissionMetrics } from '../admission-metrics.ts';
import type { WebhookClient } from './webhook-client.ts';

/** What calling a webhook needs. */
export interface WebhookServices {
  readonly resources: Resources;
  readonly client: WebhookClient;
  /** For match conditions that ask it. */
  readonly authorizer: Authorizer;
  readonly metrics: AdmissionMetrics;
}
