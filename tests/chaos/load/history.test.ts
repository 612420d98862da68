import { describe, expect, it } from 'vitest';
import { boundTwice, disorderIn, lostWrites, takeovers, undoneWrites, type SeenEvent } from './history.ts';

function event(resourceVersion: number, name: string, object: Record<string, any>, type = 'MODIFIED'): SeenEvent {
  return { type, resourceVersion, name, uid: name, object, atMs: 0 };
}
const written = (resourceVersion: number, sequence: number) =>
  event(resourceVersion, 'a', { data: { sequence: String(sequence) } });

describe('the checks of a history', () => {
  it('find events that are out of order or repeated', () => {
    expect(disorderIn([written(1, 1), written(2, 2)])).toEqual([]);
    expect(disorderIn([written(2, 2), written(1, 1)])).toHaveLength(1);
    expect(disorderIn([written(2, 2), written(2, 2)])).toHaveLength(1);
  });

  it('find acknowledged writes that left no trace or another one', () => {
    const acknowledged = [{ name: 'a', sequence: 2, resourceVersion: 2 }];
    expect(lostWrites(acknowledged, [written(1, 1), written(2, 2)])).toEqual([]);
    expect(lostWrites(acknowledged, [written(1, 1)])).toHaveLength(1);
    expect(lostWrites(acknowledged, [written(2, 1)])).toHaveLength(1);
    const listed = (sequence: number) => ({ ...written(5, sequence), type: 'LISTED' });
    expect(lostWrites(acknowledged, [written(1, 1), listed(3)])).toEqual([]);
    expect(lostWrites(acknowledged, [written(1, 1), listed(1)])).toHaveLength(1);
  });

  it('find writes that were undone', () => {
    expect(undoneWrites([written(1, 1), written(2, 2)])).toEqual([]);
    expect(undoneWrites([written(1, 2), written(2, 1)])).toHaveLength(1);
  });

  it('find pods that were bound twice', () => {
    const bound = (version: number, nodeName?: string) => event(version, 'p', { spec: { nodeName } });
    expect(boundTwice([bound(1), bound(2, 'x'), bound(3, 'x')])).toEqual([]);
    expect(boundTwice([bound(1, 'x'), bound(2, 'y')])).toHaveLength(1);
  });

  it('tell how long a lease was silent before somebody else took it', () => {
    const lease = (holderIdentity: string, acquired: number, renewed: number) =>
      event(renewed, 'l', { spec: { holderIdentity, acquireTime: iso(acquired), renewTime: iso(renewed) } });
    const iso = (second: number) => new Date(second * 1000).toISOString();
    expect(takeovers([lease('x', 1, 1), lease('x', 1, 3), lease('y', 9, 9)], 'l')).toEqual([
      { from: 'x', to: 'y', silenceMs: 6000, released: false },
    ]);
    expect(takeovers([lease('x', 1, 1), lease('', 2, 2), lease('y', 3, 3)], 'l')).toMatchObject([{ released: true }]);
  });
});
