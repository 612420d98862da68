/** What is known of a ConfigMap or Secret that a pod refers to. */
export type ObjectLookup = (kind: ReferencedKind, namespace: string, name: string) => LookupResult;

export type ReferencedKind = 'configmap' | 'secret';

export type LookupResult =
  | { readonly state: 'found'; readonly data: Readonly<Record<string, string>> }
  /** With the message upstream would give: `configmap "x" not found`. */
  | { readonly state: 'failed'; readonly notFound: boolean; readonly message: string }
  /** Asked for; the worker is woken when the answer is there. */
  | { readonly state: 'pending' };
