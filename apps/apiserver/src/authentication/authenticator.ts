import type { ApiRequest } from '../request.ts';
import type { UserInfo } from './user-info.ts';

/** One way to prove who one is. */
export interface Authenticator {
  /** Undefined when the request has no credentials of this kind; throws 401 when it has, and they do not hold. */
  authenticate(request: ApiRequest): Promise<UserInfo | undefined>;
}

/** Tries several in order: the first that knows the caller says who it is. */
export function firstOf(authenticators: readonly Authenticator[]): Authenticator {
  return {
    async authenticate(request) {
      let failure: unknown;
      for (const authenticator of authenticators) {
        try {
          const user = await authenticator.authenticate(request);
          if (user !== undefined) return user;
        } catch (error) {
          failure ??= error;
        }
      }
      if (failure !== undefined) throw failure;
      return undefined;
    },
  };
}
