import * as api from '@pilothouse/api';
import type { ResourceRef } from '@pilothouse/api';

/** The constants of every built-in resource that can be listed or created. */
export function allResources(): ResourceRef[] {
  return Object.values(api as Record<string, unknown>).filter(isResourceRef);
}

function isResourceRef(value: unknown): value is ResourceRef {
  return (
    typeof value === 'object' && value !== null && 'resource' in value && 'version' in value && 'namespaced' in value
  );
}
