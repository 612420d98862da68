import type { AdmissionAttributes } from '../attributes.ts';
import type { WebhookHook } from './webhook-hook.ts';

const MUTATION = 'mutation.webhook.admission.k8s.io/';
const PATCH = 'patch.webhook.admission.k8s.io/';
const FAILED_OPEN = 'failed-open.mutating.webhook.admission.k8s.io/';

/**
 * What the audit event says of a mutating webhook that was called: whether it changed the object, how, and whether it
 * failed and was passed over.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#mutating-webhook-auditing-annotations
 */
export class MutationNotes {
  readonly #attributes: AdmissionAttributes;
  readonly #place: string;
  readonly #names: { readonly configuration: string; readonly webhook: string };

  constructor(attributes: AdmissionAttributes, hook: WebhookHook, round: number, index: number) {
    this.#attributes = attributes;
    this.#place = `round_${round}_index_${index}`;
    this.#names = { configuration: hook.configuration, webhook: hook.webhook.name };
  }

  called(mutated: boolean): void {
    this.#attributes.annotate?.(`${MUTATION}${this.#place}`, JSON.stringify({ ...this.#names, mutated }));
  }

  /** Shown only where the policy shows objects. */
  patched(patch: readonly unknown[]): void {
    if (!this.#attributes.auditsObjects) return;
    const note = { ...this.#names, patch, patchType: 'JSONPatch' };
    this.#attributes.annotate?.(`${PATCH}${this.#place}`, JSON.stringify(note));
  }

  failedOpen(): void {
    this.#attributes.annotate?.(`${FAILED_OPEN}${this.#place}`, this.#names.webhook);
  }
}
