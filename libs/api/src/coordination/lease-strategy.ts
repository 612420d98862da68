import { type FieldError, type FieldPath, isQualifiedName, notSupported } from '@pilothouse/apimachinery';
import { pushInvalid } from '../core/validation/push-invalid.ts';

export const OLDEST = 'OldestEmulationVersion';

/** How a leader is chosen: in a way that Kubernetes knows, or in one that somebody's domain stands for (KEP-4355). */
export function validateLeaseStrategy(strategy: string, path: FieldPath, errors: FieldError[]): void {
  // Upstream names the field twice.
  const at = path.child('strategy');
  if (strategy.includes('/')) pushInvalid(errors, at, strategy, isQualifiedName(strategy));
  else if (strategy !== OLDEST) errors.push(notSupported(at, strategy, [OLDEST]));
}
