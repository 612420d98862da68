import { expect } from 'vitest';
import { eventually, prefixOf, refusal, story } from './story.ts';
import type { Api, Json } from './api.ts';

/** A resource whose API operations are checked one by one, as for every stable API. */
export interface Operations {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespaced?: boolean;
  /** An object without a name; the name is given for those whose name must fit their content. */
  readonly object: (name: string) => Json;
  /** Names, where not any will do. */
  readonly names?: readonly string[];
  /** Further subresources that discovery must show beside `status`. */
  readonly subresources?: readonly string[];
  /** A status to patch in and what of it must come back; absent where there is no status. */
  readonly status?: Json;
  /** False where writing the status leaves annotations alone. */
  readonly statusTakesAnnotations?: boolean;
  /** Where an update changes something else than an annotation. */
  readonly change?: (object: Json) => void;
}

/**
 * Discovery, create, get, list (in its namespace and in all), watch, patch, update, status, delete and deletecollection
 * of one resource, in the order in which the conformance tests of stable APIs go through them.
 */
export function apiOperations(behaviour: string, operations: Operations): void {
  const { group, version, resource } = operations;
  const groupVersion = group === '' ? version : `${group}/${version}`;
  story(behaviour, async ({ api, ns, unique, in: within, after }) => {
    await checkDiscovery(api, operations, groupVersion);
    const everywhere = `${prefixOf(groupVersion)}/${resource}`;
    const collection = operations.namespaced ? `${within(groupVersion)}/${resource}` : everywhere;
    const label = unique('special');
    const selected = `${collection}?labelSelector=special%3D${label}`;
    const names = operations.names ?? [unique('a'), unique('b'), unique('c')];
    const make = (name: string): Json => {
      const object = operations.object(name);
      return {
        ...object,
        metadata: { name, ...object.metadata, labels: { special: label, ...object.metadata?.labels } },
      };
    };
    for (const name of names) after(() => api.send('DELETE', `${collection}/${name}`));

    const created = await api.create(collection, make(names[0]!));
    expect(created.metadata.uid).toBeTruthy();
    expect((await refusal(api.create(collection, make(names[0]!)))).body.reason).toBe('AlreadyExists');
    await api.create(collection, make(names[1]!));
    await api.create(collection, make(names[2]!));
    const path = `${collection}/${names[0]!}`;
    const got = await api.get(path);
    expect(got.metadata.uid).toBe(created.metadata.uid);
    const list = await api.get(selected);
    expect(list.items.map((item: Json) => item.metadata.name).toSorted()).toEqual(names.toSorted());
    if (operations.namespaced) {
      const all = await api.get(`${everywhere}?labelSelector=special%3D${label}`);
      expect(all.items).toHaveLength(3);
      expect(all.items[0].metadata.namespace).toBe(ns);
    }

    const watch = api.watch(`${selected}&resourceVersion=${list.metadata.resourceVersion}`);
    after(() => watch.close());
    const patched = await api.patch(path, 'merge', { metadata: { annotations: { patched: 'true' } } });
    expect(patched.metadata.annotations.patched).toBe('true');
    await watch.type('MODIFIED', ({ metadata }) => metadata.annotations?.patched === 'true');
    const updated = await api.update(path, (object) => {
      object.metadata.annotations.updated = 'true';
      operations.change?.(object);
    });
    expect(updated.metadata.annotations).toMatchObject({ patched: 'true', updated: 'true' });
    await watch.type('MODIFIED', ({ metadata }) => metadata.annotations?.updated === 'true');
    if (operations.status !== undefined) await checkStatus(api, path, operations);

    await api.delete(path);
    await eventually(async () => expect((await api.send('GET', path)).code).toBe(404));
    await watch.type('DELETED', ({ metadata }) => metadata.name === names[0]);
    expect((await api.get(selected)).items).toHaveLength(2);
    await api.delete(selected);
    await eventually(async () => expect((await api.get(selected)).items).toHaveLength(0));
  });
}

async function checkDiscovery(api: Api, operations: Operations, groupVersion: string): Promise<void> {
  const { group, version, resource } = operations;
  if (group !== '') {
    const groups = await api.get('/apis');
    const found = groups.groups.find((each: Json) => each.name === group);
    expect(found?.versions).toContainEqual({ groupVersion, version });
    const document = await api.get(`/apis/${group}`);
    expect(document.versions).toContainEqual({ groupVersion, version });
  }
  const resources = (await api.get(prefixOf(groupVersion))).resources.map(({ name }: Json) => name as string);
  expect(resources).toContain(resource);
  if (operations.status !== undefined) expect(resources).toContain(`${resource}/status`);
  for (const subresource of operations.subresources ?? []) expect(resources).toContain(`${resource}/${subresource}`);
}

async function checkStatus(
  api: Api,
  path: string,
  { status, statusTakesAnnotations = true }: Operations,
): Promise<void> {
  expect((await api.get(`${path}/status`)).kind).toBeTruthy();
  const patched = await api.patch(`${path}/status`, 'merge', {
    metadata: { annotations: { patchedstatus: 'true' } },
    status,
  });
  expect(patched.status).toMatchObject(besides(status));
  expect(patched.metadata.annotations?.patchedstatus === 'true').toBe(statusTakesAnnotations);
  const updated = await api.update(path, (object) => (object.metadata.annotations.updatedstatus = 'true'), '/status');
  expect(updated.status).toMatchObject(besides(status));
  expect(updated.metadata.annotations?.updatedstatus === 'true').toBe(statusTakesAnnotations);
}

/** A controller may have added conditions of its own. */
function besides(status: Json): Json {
  if (status.conditions === undefined) return status;
  return {
    ...status,
    conditions: expect.arrayContaining(status.conditions.map((each: Json) => expect.objectContaining(each))),
  };
}
