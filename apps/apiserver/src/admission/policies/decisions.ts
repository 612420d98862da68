import type { AuthorizationAttributes, Authorizer, Decision } from '../../authorization/authorizer.ts';

/** Leaves an evaluation because authorization has to be asked first, and that takes time. Nothing absorbs it. */
class DecisionPending extends Error {
  readonly attributes: AuthorizationAttributes;
  readonly key: string;
  constructor(attributes: AuthorizationAttributes, key: string) {
    super('an authorization decision is pending');
    this.attributes = attributes;
    this.key = key;
  }
}

/**
 * Authorization decisions within one request. Expressions are evaluated at once and authorizers may wait, so an
 * expression that asks something new is left, the answer is fetched, and the expression starts again: it has no effects.
 */
export class Decisions {
  readonly #authorizer: Authorizer;
  readonly #known = new Map<string, Decision | Error>();

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  of(attributes: AuthorizationAttributes): Decision | Error {
    const key = JSON.stringify(attributes);
    const known = this.#known.get(key);
    if (known === undefined) throw new DecisionPending(attributes, key);
    return known;
  }

  async evaluate<T>(evaluation: () => T): Promise<T> {
    for (;;) {
      try {
        return evaluation();
      } catch (error) {
        if (!(error instanceof DecisionPending)) throw error;
        this.#known.set(error.key, await this.#ask(error.attributes));
      }
    }
  }

  async #ask(attributes: AuthorizationAttributes): Promise<Decision | Error> {
    try {
      return await this.#authorizer.authorize(attributes);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
