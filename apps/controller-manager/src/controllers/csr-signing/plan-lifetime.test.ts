import { expect, it } from 'vitest';
import { planLifetimeSeconds } from './controller.ts';

const YEAR_MS = 365 * 86_400_000;

it.each([
  ['nothing asked for: all there is', undefined, YEAR_MS, YEAR_MS / 1000],
  ['less', 86_400, YEAR_MS, 86_400],
  ['more than there is', 86_400, 3_600_000, 3_600],
  ['less than a server tolerates', 60, YEAR_MS, 600],
])('a certificate lives as long as was asked for, within limits: %s', (_, wanted, longest, seconds) => {
  expect(planLifetimeSeconds(wanted, longest)).toBe(seconds);
});
