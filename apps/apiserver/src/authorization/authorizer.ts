import type { UserInfo } from '../authentication/user-info.ts';
import type { AskedSelectors } from './asked-selectors.ts';

/** What is to be decided: may this user do this? Upstream: k8s.io/apiserver/pkg/authorization/authorizer.Attributes. */
export interface AuthorizationAttributes extends AskedSelectors {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResource: boolean;
  readonly path: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
}

export interface Decision {
  /** `none` leaves it to the next authorizer; at the end it means no. */
  readonly decision: 'allow' | 'deny' | 'none';
  readonly reason: string;
}

export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Promise<Decision>;
}

export const alwaysAllow: Authorizer = {
  authorize: async () => ({ decision: 'allow', reason: '' }),
};

export const alwaysDeny: Authorizer = {
  authorize: async () => ({ decision: 'none', reason: 'Everything is forbidden.' }),
};

/** `system:masters` may do everything, whatever the modes are. */
export const privilegedGroup: Authorizer = {
  authorize: async ({ user }) =>
    user.groups.includes('system:masters') ? { decision: 'allow', reason: '' } : { decision: 'none', reason: '' },
};

/** The first authorizer that decides. */
export function union(authorizers: readonly Authorizer[]): Authorizer {
  return {
    async authorize(attributes) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const { decision, reason } = await authorizer.authorize(attributes);
        if (reason !== '') reasons.push(reason);
        if (decision !== 'none') return { decision, reason };
      }
      return { decision: 'none', reason: reasons.join('\n') };
    },
  };
}
