import { SYSTEM_USER } from '../authentication/user-info.ts';
import type { WriteContext } from '../registry/write-context.ts';

/** The context of a write that the apiserver makes on its own account. */
export function systemContext(now: Date, namespace = ''): WriteContext {
  return { now, user: SYSTEM_USER, namespace, dryRun: false, warn: () => {} };
}
