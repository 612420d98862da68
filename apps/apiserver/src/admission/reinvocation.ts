import { deepClone, deepEqual, type KubeObject } from '@pilothouse/apimachinery';

/**
 * What one request's mutating pass remembers for a second one. Built-in plugins simply run again; webhooks and policies
 * only when their `reinvocationPolicy` is IfNeeded and somebody changed the object after them.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#reinvocation-policy
 */
export class Reinvocation {
  #wanted = false;
  #second = false;
  readonly #rounds = new Map<string, ReinvocationRound>();

  get isWanted(): boolean {
    return this.#wanted;
  }

  get isSecond(): boolean {
    return this.#second;
  }

  want(): void {
    this.#wanted = true;
  }

  begin(): void {
    this.#second = true;
  }

  /** Each plugin that calls out keeps its own. */
  roundOf(plugin: string): ReinvocationRound {
    let round = this.#rounds.get(plugin);
    if (round === undefined) this.#rounds.set(plugin, (round = new ReinvocationRound()));
    return round;
  }
}

/** Which of one plugin's hooks have to be called again, and what the object was when they were last done. */
export class ReinvocationRound {
  readonly #again = new Set<string>();
  readonly #invoked = new Set<string>();
  #lastOutput: KubeObject | undefined;

  /** The object as this plugin leaves it. Of interest only where somebody may have to be called again. */
  finish(object: KubeObject | undefined): void {
    if (this.#invoked.size > 0) this.#lastOutput = object && deepClone(object);
  }

  /** Whether built-in plugins have changed the object since this plugin was done. */
  hasChanged(object: KubeObject | undefined): boolean {
    return !deepEqual(this.#lastOutput, object);
  }

  /** Everybody called so far has not seen the object as it is now. */
  requireAgain(): void {
    for (const id of this.#invoked) this.#again.add(id);
    this.#invoked.clear();
  }

  markInvoked(id: string): void {
    this.#invoked.add(id);
  }

  isRequired(id: string): boolean {
    return this.#again.has(id);
  }
}
