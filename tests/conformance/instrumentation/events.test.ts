import { expect } from 'vitest';
import { eventually, story } from '../story.ts';
import type { Json } from '../api.ts';

for (const groupVersion of ['v1', 'events.k8s.io/v1']) {
  const isNew = groupVersion !== 'v1';
  const make = (ns: string, name: string, label: string): Json => {
    const object = { kind: 'Pod', namespace: ns, name: 'regarded' };
    const metadata = { name, labels: { told: label } };
    const common = { metadata, type: 'Normal', reason: 'Test', reportingInstance: 'i' };
    return isNew
      ? {
          ...common,
          eventTime: '2026-01-01T00:00:00.000001Z',
          action: 'Do',
          note: 'This is a test',
          regarding: object,
          reportingController: 'test-controller',
        }
      : { ...common, message: 'This is a test', involvedObject: object, source: { component: 'test' } };
  };

  story(
    `an event of ${groupVersion} is created, listed, patched, updated and deleted`,
    async ({ api, ns, in: within, unique }) => {
      const label = unique('event');
      const path = `${within(groupVersion)}/events`;
      await api.create(path, make(ns, 'event-test', label));
      const everywhere = `${path.replace(/\/namespaces\/[^/]+/, '')}?labelSelector=told%3D${label}`;
      expect((await api.get(everywhere)).items).toHaveLength(1);
      const byField = isNew ? 'reportingController%3Dtest-controller' : 'involvedObject.name%3Dregarded';
      expect((await api.get(`${path}?fieldSelector=${byField}`)).items).toHaveLength(1);
      const series = isNew
        ? { count: 2, lastObservedTime: '2026-01-01T00:00:01.000002Z' }
        : { count: 3, lastObservedTime: '2026-01-01T00:00:01.000002Z' };
      const patched = await api.patch(`${path}/event-test`, 'strategic', {
        series,
        ...(isNew ? {} : { message: 'This is a test event - patched' }),
      });
      expect(patched.series).toEqual(series);
      const updated = await api.update(
        `${path}/event-test`,
        (object) => (object.series = { count: 100, lastObservedTime: '2026-01-01T00:00:02.000003Z' }),
      );
      expect(updated.series.count).toBe(100);
      const other = await api.get(`${within(isNew ? 'v1' : 'events.k8s.io/v1')}/events/event-test`);
      expect(other.series.count).toBe(100);
      await api.delete(`${path}/event-test`);
      expect((await api.send('GET', `${path}/event-test`)).code).toBe(404);
    },
  );

  story(`events of ${groupVersion} are deleted as a collection`, async ({ api, ns, in: within, unique }) => {
    const label = unique('event');
    const path = `${within(groupVersion)}/events`;
    for (let i = 0; i < 3; i++) await api.create(path, make(ns, `test-event-${i}`, label));
    await api.delete(`${path}?labelSelector=told%3D${label}`);
    await eventually(async () => expect((await api.get(`${path}?labelSelector=told%3D${label}`)).items).toEqual([]));
  });
}
