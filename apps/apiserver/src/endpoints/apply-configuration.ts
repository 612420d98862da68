import { badRequest } from '@pilothouse/apimachinery';
import type { ObjectName } from '@pilothouse/storage';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';
import type { Patcher } from './apply-patch.ts';
import type { WriteOptions } from './write-options.ts';

export interface ApplyContext {
  readonly served: ServedVersion;
  readonly options: WriteOptions;
  readonly request: ApiRequest;
  readonly key: ObjectName;
  readonly subresource?: string;
}

/** Server-side apply: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
export function applyConfiguration(_text: string, { options }: ApplyContext): Patcher {
  if (!options.fieldManagerGiven) throw badRequest('PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
  throw badRequest('server-side apply is not served');
}
