import { badRequest } from '@pilothouse/apimachinery';
import type { SelfSubjectRulesReview } from '@pilothouse/api';
import type { PolicyRule } from '../authorization/rule-resolver.ts';
import type { Endpoint } from '../endpoints/target.ts';
import { review } from './read-review.ts';
import type { ReviewServices } from './review-services.ts';

/** What may I do here? `kubectl auth can-i --list`. */
export const reviewOwnRules = ({ rules }: ReviewServices): Endpoint =>
  review<SelfSubjectRulesReview>(async (asked, { user }) => {
    const namespace = asked.spec?.namespace;
    if (!namespace) throw badRequest('no namespace on request');
    const found = await rules.rulesFor(user, namespace);
    const status = {
      resourceRules: found.rules.filter(({ resources }) => resources?.length).map(resourceRule),
      nonResourceRules: found.rules
        .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
        .map(({ verbs, nonResourceURLs }) => ({ verbs: [...verbs], nonResourceURLs: [...nonResourceURLs!] })),
      incomplete: found.incomplete,
    };
    return { ...asked, status } as SelfSubjectRulesReview;
  });

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule) {
  return {
    verbs: [...verbs],
    apiGroups: [...(apiGroups ?? [])],
    resources: [...resources!],
    ...(resourceNames?.length ? { resourceNames: [...resourceNames] } : {}),
  };
}
