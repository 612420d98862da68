import type { UserInfo } from '../authentication/user-info.ts';

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** Lists what a user may do: the answer to `kubectl auth can-i --list`. */
export interface RuleResolver {
  rulesFor(user: UserInfo, namespace: string): Promise<{ rules: readonly PolicyRule[]; incomplete: boolean }>;
}

/** Where everything is allowed, or nothing can be listed. */
export const everythingAllowed: RuleResolver = {
  rulesFor: async () => ({
    rules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
    incomplete: false,
  }),
};
