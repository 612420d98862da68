import { describe, expect, it } from 'vitest';
import { FakeClock } from '@pilothouse/component';
import { ControllerExpectations } from './expectations.ts';
import { UidTrackingExpectations } from './uid-tracking-expectations.ts';

describe('ControllerExpectations', () => {
  it('are satisfied when never set, when fulfilled, and after five minutes', () => {
    const clock = new FakeClock();
    const expectations = new ControllerExpectations(clock);
    expect(expectations.satisfied('a')).toBe(true);
    expectations.expectCreations('a', 2);
    expectations.creationObserved('a');
    expect(expectations.satisfied('a')).toBe(false);
    expectations.creationObserved('a');
    expect(expectations.satisfied('a')).toBe(true);
    expectations.expectDeletions('a', 1);
    expect(expectations.satisfied('a')).toBe(false);
    clock.step(5 * 60_000 + 1);
    expect(expectations.satisfied('a')).toBe(true);
  });

  it('are lowered by what turned out not to happen, and forgotten with their object', () => {
    const expectations = new ControllerExpectations(new FakeClock());
    expectations.expectCreations('a', 5);
    expectations.lower('a', 5, 0);
    expect(expectations.satisfied('a')).toBe(true);
    expectations.raise('a', 1, 0);
    expect(expectations.satisfied('a')).toBe(false);
    expectations.forget('a');
    expect(expectations.satisfied('a')).toBe(true);
  });

  it('do not count one against another controller object', () => {
    const expectations = new ControllerExpectations(new FakeClock());
    expectations.expectCreations('a', 1);
    expectations.creationObserved('b');
    expect(expectations.satisfied('a')).toBe(false);
    expect(expectations.satisfied('b')).toBe(true);
  });
});

describe('UidTrackingExpectations', () => {
  it('count each awaited deletion once, and no other', () => {
    const expectations = new UidTrackingExpectations(new FakeClock());
    expectations.expectDeletions('a', ['pod-1', 'pod-2']);
    expectations.deletionObserved('a', 'pod-1');
    expectations.deletionObserved('a', 'pod-1');
    expectations.deletionObserved('a', 'pod-9');
    expect(expectations.satisfied('a')).toBe(false);
    expectations.deletionObserved('a', 'pod-2');
    expect(expectations.satisfied('a')).toBe(true);
  });

  it('wait for creations and deletions that were begun together', () => {
    const expectations = new UidTrackingExpectations(new FakeClock());
    expectations.expect('a', 1, ['pod-1']);
    expectations.deletionObserved('a', 'pod-1');
    expect(expectations.satisfied('a')).toBe(false);
    expectations.creationObserved('a');
    expect(expectations.satisfied('a')).toBe(true);
  });
});
