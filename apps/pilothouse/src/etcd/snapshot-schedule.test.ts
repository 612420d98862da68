import { describe, expect, it } from 'vitest';
import { planRetention, snapshotName } from './snapshot-schedule.ts';

describe('snapshotName', () => {
  it('sorts by time', () => {
    expect(snapshotName(new Date('2026-01-31T23:59:00.123Z'))).toBe('etcd-20260131T235900Z.db');
  });
});

describe('planRetention', () => {
  const names = ['etcd-20260101T000003Z.db', 'etcd-20260101T000001Z.db', 'etcd-20260101T000002Z.db'];

  it('lets the oldest go', () => {
    expect(planRetention(names, 2)).toEqual(['etcd-20260101T000001Z.db']);
    expect(planRetention(names, 3)).toEqual([]);
  });

  it('never touches what it has not made', () => {
    const others = ['before-upgrade.db', 'etcd-20260101T000000Z.db.partial'];
    expect(planRetention([...names, ...others], 1)).toEqual(['etcd-20260101T000001Z.db', 'etcd-20260101T000002Z.db']);
  });
});
