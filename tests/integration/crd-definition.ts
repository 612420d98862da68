export const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export interface CrdOptions {
  readonly group?: string;
  readonly plural: string;
  readonly kind: string;
  readonly scope?: 'Namespaced' | 'Cluster';
  readonly names?: object;
  readonly spec?: object;
  /** Of the one version `v1`; or `versions` as a whole. */
  readonly schema?: object;
  readonly version?: object;
  readonly versions?: readonly object[];
}

/** A CRD as its author would write it. */
export function crd({
  group = 'example.com',
  plural,
  kind,
  scope = 'Namespaced',
  names,
  spec,
  schema,
  version,
  versions,
}: CrdOptions) {
  const openAPIV3Schema = schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { plural, kind, ...names },
      versions: versions ?? [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...version }],
      ...spec,
    },
  };
}
