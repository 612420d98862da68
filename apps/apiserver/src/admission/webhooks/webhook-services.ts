import type { Resources } from '../../registry/resources.ts';
import type { MatchConditions } from './match-conditions.ts';
import type { WebhookClient } from './webhook-client.ts';

/** What calling a webhook needs. */
export interface WebhookServices {
  readonly resources: Resources;
  readonly client: WebhookClient;
  readonly matchConditions?: MatchConditions;
}
