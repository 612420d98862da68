import { unauthorized } from '@pilothouse/apimachinery';
import type { Authenticator } from '../authentication/authenticator.ts';
import { ANONYMOUS, withAuthenticatedGroup, type UserInfo } from '../authentication/user-info.ts';
import type { ApiRequest, Filter } from '../request.ts';

/** Finds out who asks. Credentials that do not hold are 401, no credentials are an anonymous user. */
export const authenticate =
  (
    authenticator: Authenticator,
    allowsAnonymous: (path: string) => boolean,
    onFailure?: (request: ApiRequest) => void,
  ): Filter =>
  async (request, next) => {
    let user: UserInfo | undefined;
    try {
      user = await authenticator.authenticate(request);
      if (user === undefined && !allowsAnonymous(request.info.path)) throw unauthorized();
    } catch (error) {
      onFailure?.(request);
      throw error;
    }
    request.user = user === undefined ? ANONYMOUS : withAuthenticatedGroup(user);
    // Further handlers, other servers among them, have no business with the credentials.
    delete request.headers.authorization;
    await next();
  };
