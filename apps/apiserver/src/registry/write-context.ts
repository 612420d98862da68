import type { RequestContext } from '@pilothouse/apimachinery';
import type { ServedVersion } from './served-version.ts';

/** What a write needs to know beyond the object. */
export interface WriteContext extends RequestContext {
  /** `dryRun=All`: everything happens but the write. */
  readonly dryRun: boolean;
  readonly warn: (text: string) => void;
  /** The version that the request speaks; absent for what the apiserver writes by itself. */
  readonly served?: ServedVersion;
}
