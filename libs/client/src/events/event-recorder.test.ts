import { describe, expect, it } from 'vitest';
import { forbidden, type KubeObject } from '@pilothouse/apimachinery';
import { FakeClock, seededRandom } from '@pilothouse/component';
import type { Event } from '@pilothouse/api';
import { connectionError } from '../rest/connection-error.ts';
import { MemoryClient } from '../test-server/memory-client.ts';
import { TransportError } from '../transport/transport.ts';
import { createEventRecorder } from './event-recorder.ts';

const web: KubeObject = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web', namespace: 'a', uid: 'u1' } };

function makeRecorder() {
  const clock = new FakeClock('2030-01-01T00:00:00Z');
  const server = new MemoryClient();
  const recorder = createEventRecorder({
    client: server.as(clock),
    clock,
    component: 'kubelet',
    host: 'node-1',
    random: seededRandom(1),
  });
  const written = () => [...server.objects.values()] as Event[];
  return { clock, server, recorder, written };
}

describe('EventRecorder', () => {
  it("writes core/v1 events as client-go's recorder does", async () => {
    const { recorder, written } = makeRecorder();
    recorder.event(web, 'Normal', 'Pulled', 'Image pulled', { fieldPath: 'spec.containers{nginx}' });
    await recorder.flush();
    expect(written()).toEqual([
      expect.objectContaining({
        metadata: expect.objectContaining({ namespace: 'a', name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) }),
        involvedObject: expect.objectContaining({
          kind: 'Pod',
          name: 'web',
          uid: 'u1',
          fieldPath: 'spec.containers{nginx}',
        }),
        type: 'Normal',
        reason: 'Pulled',
        message: 'Image pulled',
        source: { component: 'kubelet', host: 'node-1' },
        reportingComponent: 'kubelet',
        reportingInstance: 'node-1',
        firstTimestamp: '2030-01-01T00:00:00Z',
        count: 1,
      }),
    ]);
  });

  it('writes in order, one at a time, and raises the count of what repeats', async () => {
    const { server, recorder, written } = makeRecorder();
    for (const reason of ['One', 'Two', 'One']) recorder.event(web, 'Normal', reason, 'message');
    expect(server.log).toEqual([]);
    await recorder.flush();
    expect(server.log.map((line) => line.split(' ')[0])).toEqual(['create', 'create', 'patch']);
    expect(written().map(({ reason, count }) => [reason, count])).toEqual([
      ['One', 2],
      ['Two', 1],
    ]);
  });

  it('writes an expired event anew, with its count', async () => {
    const { server, recorder, written } = makeRecorder();
    recorder.event(web, 'Normal', 'One', 'message');
    await recorder.flush();
    server.objects.clear();
    recorder.event(web, 'Normal', 'One', 'message');
    await recorder.flush();
    expect(written()).toMatchObject([{ reason: 'One', count: 2 }]);
  });

  it('does not insist when the server rejects an event', async () => {
    const { server, recorder, written } = makeRecorder();
    server.intercept = () => {
      server.intercept = () => {};
      throw forbidden({ group: '', resource: 'events' }, '', 'namespace a is being terminated');
    };
    recorder.event(web, 'Normal', 'One', 'message');
    recorder.event(web, 'Normal', 'Two', 'message');
    await recorder.flush();
    expect(written().map(({ reason }) => reason)).toEqual(['Two']);
  });

  it('waits for a server that cannot be reached, and gives up in the end', async () => {
    const { clock, server, recorder, written } = makeRecorder();
    const refused = new TransportError('connection refused', { mayHaveBeenProcessed: false });
    server.intercept = () => {
      throw connectionError('POST', 'https://server', refused);
    };
    recorder.event(web, 'Normal', 'One', 'message');
    await clock.run(25_000);
    server.intercept = () => {};
    await clock.run(10_000);
    expect(written()).toHaveLength(1);

    server.intercept = () => {
      throw connectionError('POST', 'https://server', refused);
    };
    recorder.event(web, 'Normal', 'Two', 'message');
    await clock.run(12 * 10_000);
    await recorder.flush();
    expect(server.log.filter((line) => line.startsWith('create'))).toHaveLength(4 + 12);
  });
});
