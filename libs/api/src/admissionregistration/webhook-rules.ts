/** Rules that came later bind new configurations, and stored ones that already kept them. */
export interface WebhookRules {
  readonly requireNoSideEffects: boolean;
  readonly requireKnownReviewVersion: boolean;
  readonly requireUniqueNames: boolean;
  readonly allowInvalidLabelValues: boolean;
  readonly ignoreMatchConditions: boolean;
}
