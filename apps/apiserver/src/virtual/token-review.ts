import { badRequest } from '@pilothouse/apimachinery';
import type { TokenReview } from '@pilothouse/api';
import { withAuthenticatedGroup, type UserInfo } from '../authentication/user-info.ts';
import type { Endpoint } from '../endpoints/target.ts';
import { review } from './read-review.ts';
import type { ReviewServices } from './review-services.ts';

/** Whose token is this? https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/ */
export const reviewToken = ({ tokens }: ReviewServices): Endpoint =>
  review<TokenReview>(async (asked) => {
    const token = asked.spec?.token;
    if (!token) throw badRequest('token is required for TokenReview in authentication');
    const audiences = asked.spec?.audiences ?? [];
    for (const authenticator of tokens) {
      try {
        const user = await authenticator.authenticateToken(token, audiences.length > 0 ? audiences : undefined);
        if (user)
          return { ...asked, status: authenticatedStatus(withAuthenticatedGroup(user), audiences) } as TokenReview;
      } catch {
        // Known, but not valid: no different from unknown to whoever asks.
      }
    }
    const error = '[invalid bearer token, token lookup failed]';
    return { ...asked, status: { authenticated: false, user: {}, error } } as TokenReview;
  });

function authenticatedStatus({ name, uid, groups, extra }: UserInfo, audiences: readonly string[]) {
  const user = { username: name, ...(uid ? { uid } : {}), groups: [...groups], ...(extra ? { extra } : {}) };
  return { authenticated: true, user, ...(audiences.length > 0 ? { audiences: [...audiences] } : {}) };
}
