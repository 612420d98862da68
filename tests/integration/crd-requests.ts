import { expect, vi } from 'vitest';
import type { Answer, Requests } from './apiserver-requests.ts';
import { crd, CRDS, type CrdOptions } from './crd-definition.ts';

export { crd, CRDS };

/** Creates it and waits until it is served; returns the path of its objects in the default namespace. */
export async function establish(requests: Requests, options: CrdOptions): Promise<string> {
  const object = crd(options);
  const answer = await requests.post(CRDS, object);
  expect(answer.code, answer.text).toBe(201);
  await conditionOf(requests, object.metadata.name, 'Established', 'True');
  const { group = 'example.com', plural, scope } = options;
  return `/apis/${group}/v1/${scope === 'Cluster' ? '' : 'namespaces/default/'}${plural}`;
}

/** Waits until the condition has the status. */
export async function conditionOf(requests: Requests, name: string, type: string, status: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { body } = await requests.get(`${CRDS}/${name}`);
      const conditions: { type: string }[] = body.status?.conditions ?? [];
      expect(conditions.find((each) => each.type === type)).toMatchObject({ status });
    },
    { timeout: 5000, interval: 20 },
  );
}

export const messages = (answer: Answer): string[] =>
  (answer.body.details?.causes ?? []).map(
    (cause: { field: string; message: string }) => `${cause.field}: ${cause.message}`,
  );
