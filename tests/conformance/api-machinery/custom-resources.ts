import { expect } from 'vitest';
import { eventually, type Story } from '../story.ts';
import type { Json } from '../api.ts';

export interface CustomResourceOptions {
  readonly schema?: Json;
  readonly scope?: 'Namespaced' | 'Cluster';
  /** Of each served version; default: `v1` with `schema`. The first is stored. */
  readonly versions?: readonly Json[];
  readonly group?: string;
  readonly conversion?: Json;
}

/** A definition whose group and names no other story uses. */
export function customResourceDefinition(told: Story, options: CustomResourceOptions = {}): Json {
  const { schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } = options;
  const singular = told.unique('e2e-test').replaceAll('-', '');
  const plural = `${singular}s`;
  const group = options.group ?? `${singular}.example.com`;
  const versions = options.versions ?? [{ name: 'v1', schema: { openAPIV3Schema: schema } }];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: options.scope ?? 'Namespaced',
      names: { plural, singular, kind: `E2e${singular}`, listKind: `E2e${singular}List` },
      versions: versions.map((version, i) => ({ served: true, storage: i === 0, ...version })),
      ...(options.conversion ? { conversion: options.conversion } : {}),
    },
  };
}

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Creates it and waits until its resources are in discovery. */
export async function established(told: Story, crd: Json): Promise<Json> {
  const { api } = told;
  const path = `${DEFINITIONS}/${crd.metadata.name}`;
  told.after(() => api.send('DELETE', path));
  await api.create(DEFINITIONS, crd);
  return eventually(async () => {
    const current = await api.get(path);
    const conditions = Object.fromEntries(
      (current.status.conditions ?? []).map(({ type, status }: Json) => [type, status]),
    );
    expect(conditions).toMatchObject({ Established: 'True', NamesAccepted: 'True' });
    for (const { name, served } of crd.spec.versions)
      if (served) expect((await api.send('GET', `/apis/${crd.spec.group}/${name}`)).code).toBe(200);
    return current;
  });
}
