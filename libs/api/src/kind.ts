import type {
  PrinterColumn,
  Strategy,
  SubresourceDefinition,
  TableRowCondition,
  VersionDefinition,
} from '@pilothouse/apimachinery';

/**
 * What is particular to one built-in kind. Names, scope, verbs and schema come from `proto/`; anything left out here
 * takes the generic behaviour, so a kind without a file is served too.
 *
 * One file per kind, `libs/api/src/<group>/<kind>.ts`, exporting one `KindBehaviour`; the list is `kinds.ts`.
 */
export interface KindBehaviour<T = any> {
  /** `''` for core. */
  readonly group: string;
  readonly kind: string;
  /** Defaults to the most stable served version. */
  readonly storageVersion?: string;
  /** Below `/registry/`; defaults to the resource name, `<group>/<resource>` only where upstream has it. */
  readonly storagePrefix?: string;
  readonly ttlSeconds?: number;
  /** `false`: it can be listed, but not watched. */
  readonly watchable?: boolean;
  /** Code defaults of the storage version, run after the schema's declared ones, in place. */
  readonly defaults?: (object: T) => void;
  readonly columns?: readonly PrinterColumn[];
  readonly rowConditions?: (object: T) => readonly TableRowCondition[] | undefined;
  /** In which order tables show a list, where not by name. */
  readonly rowOrder?: (a: T, b: T) => number;
  readonly strategy?: Partial<Strategy>;
  /** Overrides of a subresource that the schema lists, by name. */
  readonly subresources?: Readonly<Record<string, Partial<SubresourceDefinition>>>;
  /** Versions that differ from the storage version, by version name. */
  readonly versions?: Readonly<
    Record<
      string,
      Partial<Pick<VersionDefinition, 'defaults' | 'toStorage' | 'fromStorage' | 'columns' | 'deprecationWarning'>>
    >
  >;
}
