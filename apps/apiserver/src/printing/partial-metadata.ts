import type { KubeObject } from '@pilothouse/apimachinery';

/** Only what every object has: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches. */
export function partialObjectMetadata(object: KubeObject, version: 'v1' | 'v1beta1'): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata ?? {} };
}
