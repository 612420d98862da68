import type { FieldError, ObjectMeta } from '@pilothouse/apimachinery';
import type { PodSpec, Volume } from '@pilothouse/api';

export interface PodValidationOptions {
  /** The spec is a Pod's own, not a template's: a few rules hold only there. */
  readonly isPod?: boolean;
  /** The metadata of that Pod: the names of claims it generates come from it. */
  readonly podMeta?: ObjectMeta;
}

/** What the rules about one part of a pod must know of the rest, and where they put what they find. */
export interface PodSpecContext {
  readonly spec: PodSpec;
  readonly options: PodValidationOptions;
  readonly errors: FieldError[];
  /** The valid volumes by name. */
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Names in `spec.resourceClaims`. */
  readonly claimNames: ReadonlySet<string>;
  /** False: the pod has a user namespace of its own. */
  readonly hostUsers: boolean;
}
