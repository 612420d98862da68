import type { RequestContext } from '@pilothouse/apimachinery';

/** What a write needs to know beyond the object. */
export interface WriteContext extends RequestContext {
  /** `dryRun=All`: everything happens but the write. */
  readonly dryRun: boolean;
  readonly warn: (text: string) => void;
}
