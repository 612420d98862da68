import { describe, expect, it } from 'vitest';
import { FakeClock } from '@pilothouse/component';
import { FailedPodBackoff } from './failed-pod-backoff.ts';

describe('replacing failed daemon pods', () => {
  it('waits twice as long after each failure of the same node, up to a quarter of an hour', () => {
    const clock = new FakeClock();
    const backoff = new FailedPodBackoff(clock);
    expect(backoff.next('a')).toBe(0);
    expect(backoff.next('a')).toBe(1_000);
    expect(backoff.next('b')).toBe(0);
    clock.step(400);
    expect(backoff.next('a')).toBe(600);
    clock.step(600);
    expect(backoff.next('a')).toBe(0);
    expect(backoff.next('a')).toBe(2_000);
    for (let failure = 0; failure < 20; failure++) {
      clock.step(backoff.next('a'));
      expect(backoff.next('a')).toBe(0);
    }
    expect(backoff.next('a')).toBe(15 * 60_000);
  });

  it('starts anew after a long time without failures', () => {
    const clock = new FakeClock();
    const backoff = new FailedPodBackoff(clock);
    backoff.next('a');
    clock.step(31 * 60_000);
    expect(backoff.next('a')).toBe(0);
    expect(backoff.next('a')).toBe(1_000);
  });
});
