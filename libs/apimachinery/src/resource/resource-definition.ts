import type { FieldError } from '../validation/field-error.ts';
import type { KubeObject } from '../meta/object.ts';
import type { ObjectSchema } from '../schema/schema.ts';

/**
 * A resource as a value: all that the apiserver's verbs know of a kind. Built-in kinds are written down in
 * @pilothouse/api, custom resources are made from their CRD; both go through the same code.
 *
 * Hooks see the object in the **storage version** (the "hub"), in normal form, and own it: those that prepare may
 * change it, those that validate must not. Conversion from and to the served versions happens around them. Only where a
 * webhook converts they see it in the version of the request, because nobody else knows what that has to do with another.
 */
export interface ResourceDefinition {
  /** `''` for the core group. */
  readonly group: string;
  /** Plural, lower case: `pods`. */
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Served versions, preferred first. */
  readonly versions: readonly VersionDefinition[];
  readonly storageVersion: string;
  /** Versions that objects may be stored in but that no client can ask for: a custom resource's with `served: false`. */
  readonly unservedVersions?: readonly VersionDefinition[];
  /** Below `/registry/`, without slashes at the ends: `pods`, `services/specs`, `apps`-less `deployments`. */
  readonly storagePrefix: string;
  readonly storageEncoding: 'protobuf' | 'json';
  /** Seconds after which etcd forgets a written object (events: 3600). */
  readonly ttlSeconds?: number;
  /** Verbs served on the main resource, discovery's names: create delete deletecollection get list patch update watch. */
  readonly verbs: readonly string[];
  readonly strategy: Strategy;
  readonly subresources: readonly SubresourceDefinition[];
}

export interface VersionDefinition {
  readonly version: string;
  readonly schema: ObjectSchema;
  /** Fills unset fields of an object of this version, in place, after the schema's own declared defaults. */
  readonly defaults?: (object: any) => void;
  /** Conversions to and from the storage version; absent for the storage version itself. Must lose nothing. */
  readonly toStorage?: (object: any) => KubeObject;
  readonly fromStorage?: (object: any) => KubeObject;
  /** Conversion that has to ask somebody else, by a webhook: the two above are then not used. */
  readonly remote?: RemoteConversion;
  readonly columns: readonly PrinterColumn[];
  /** What is worth knowing of a row besides its cells; undefined for nothing. */
  readonly rowConditions?: (object: any) => readonly TableRowCondition[] | undefined;
  /** In which order tables show a list, where not by name. */
  readonly rowOrder?: (a: any, b: any) => number;
  /** Field selector labels of this version alone, of objects as it shows them; instead of the strategy's. */
  readonly selectableFields?: Readonly<Record<string, (object: any) => string>>;
  /** Subresources of this version; instead of the resource's, for custom resources. */
  readonly subresources?: readonly SubresourceDefinition[];
  /** Sent as a `Warning` header on every request to this version. */
  readonly deprecationWarning?: string;
}

/** Converts objects of any version to one version; answers in their order, rejects when the webhook fails. */
export type RemoteConversion = (objects: readonly KubeObject[]) => Promise<KubeObject[]>;

/** meta/v1 TableRowCondition: `Completed` is of objects that have run to their end. */
export interface TableRowCondition {
  readonly type: 'Completed';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export interface PrinterColumn {
  readonly name: string;
  /** OpenAPI type: string, integer, number, boolean, date. */
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** 0 is shown always, above it only with `-o wide`. */
  readonly priority: number;
  /** The cell: a string, number, boolean or null. */
  readonly cell: (object: any, now: Date) => string | number | boolean | null;
}

/** What a hook may know of the request. */
export interface RequestContext {
  readonly now: Date;
  readonly user: {
    readonly name: string;
    readonly uid?: string;
    readonly groups: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  /** Path's namespace, empty for cluster-scoped resources. */
  readonly namespace: string;
  /** The version that the client speaks; absent for what the apiserver writes by itself. */
  readonly version?: string;
}

/**
 * A part of the validation of an update: the metadata as of a new object or as of a changed one, the object as on
 * create, and what only an update must keep to.
 */
export type UpdateCheck = 'metadata' | 'metadataUpdate' | 'object' | 'update';

export interface Strategy {
  /** Resets what the client may not set (status, generation …). Runs before admission. */
  readonly prepareForCreate?: (object: any, context: RequestContext) => void;
  readonly prepareForUpdate?: (object: any, old: any, context: RequestContext) => void;
  readonly validate: (object: any, context: RequestContext) => FieldError[];
  /** Called with an object that differs from `old`; includes the checks of `validate` where upstream includes them. */
  readonly validateUpdate: (object: any, old: any, context: RequestContext) => FieldError[];
  /**
   * What is checked of an update after the generic rules of metadata, in this order. Upstream's kinds look at some parts
   * twice, and then say twice what is wrong. By default: metadataUpdate, update.
   */
  readonly updateChecks?: readonly UpdateCheck[];
  /** Texts for `Warning` headers. */
  readonly warnings?: (object: any, old: any | undefined, context: RequestContext) => string[];
  /** PUT to a name that does not exist creates it. */
  readonly allowCreateOnUpdate: boolean;
  /** PUT without a resourceVersion overwrites. */
  readonly allowUnconditionalUpdate: boolean;
  /** Whether `generation` starts at 1 and grows when anything but metadata and status changes. */
  readonly tracksGeneration: boolean;
  /** Seconds of grace for a delete, given what the client asked; absent: the resource is deleted at once. */
  readonly gracePeriodSeconds?: (object: any, requested: number | undefined) => number;
  readonly defaultPropagation: 'Background' | 'Orphan';
  /** Field selector labels beyond metadata.name and metadata.namespace, per upstream; see `exactFieldLabels`. */
  readonly selectableFields: Readonly<Record<string, (object: any) => string>>;
  /** True: only `selectableFields` are accepted (they then include metadata.name where upstream does). */
  readonly exactFieldLabels?: boolean;
  /** Rule for metadata.name; DNS subdomain when absent. Returns messages. */
  readonly validateName?: (name: string, prefix: boolean) => string[];
  /** A delete without finalizers answers with the object rather than a Status. */
  readonly deleteReturnsObject?: boolean;
}

/**
 * A view on the same stored object (`status`, `scale`, `approval`, `finalize`, `ephemeralcontainers`, `resize`), an
 * action that takes another kind (`binding`, `eviction`, `token`), or a stream to the kubelet (`log`, `exec` …).
 * The apiserver's registry implements the latter two by name.
 */
export interface SubresourceDefinition {
  readonly name: string;
  /** Discovery's verbs: get patch update create connect. */
  readonly verbs: readonly string[];
  /** The kind it speaks when it is not the parent's: `{group: 'autoscaling', version: 'v1', kind: 'Scale'}`. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  /** For a view: the hooks that replace those of the main resource. */
  readonly strategy?: Partial<Strategy>;
  /** For `scale`: where the numbers live. */
  readonly scale?: ScalePaths;
  /** HTTP methods of a `connect`. */
  readonly methods?: readonly string[];
}

export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** Path to a label selector: an object (matchLabels …), a map of labels, or an already serialised string. */
  readonly selector?: readonly string[];
}

/** The version definition of `version`, undefined when it is not served. */
export function servedVersion(definition: ResourceDefinition, version: string): VersionDefinition | undefined {
  return definition.versions.find((each) => each.version === version);
}

/** What a version has besides the objects themselves. Without a version, which is the apiserver itself: the stored one's. */
export function subresourcesIn(
  definition: ResourceDefinition,
  version: string | undefined,
): readonly SubresourceDefinition[] {
  const { subresources } = definition;
  return version === undefined ? subresources : (servedVersion(definition, version)?.subresources ?? subresources);
}

/** The version that objects are stored in, which need not be served. */
export function storedVersion(definition: ResourceDefinition): VersionDefinition {
  const { versions, unservedVersions = [], storageVersion } = definition;
  const stored = [...versions, ...unservedVersions].find((each) => each.version === storageVersion);
  if (stored === undefined) throw new Error(`${definition.resource} has no version ${storageVersion} to store`);
  return stored;
}
