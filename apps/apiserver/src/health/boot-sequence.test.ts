import { FakeClock, Health, type HealthEndpoint } from '@pilothouse/component';
import { expect, it } from 'vitest';
import { BootSequence } from './boot-sequence.ts';

function setUp(livezGraceMs = 0) {
  const [health, clock] = [new Health(), new FakeClock()];
  const bootstrapSteps = ['rbac/bootstrap-roles'];
  const boot = new BootSequence({ health, clock, livezGraceMs, bootstrapSteps, without: ['flowControl'] });
  const failing = (endpoint: HealthEndpoint) =>
    health.checksOf(endpoint).flatMap(({ name, check }) => {
      try {
        void check();
        return [];
      } catch {
        return [name];
      }
    });
  return { boot, clock, failing };
}

it('tells what is still to be done, under upstream’s names and in their order', () => {
  const { boot, failing } = setUp();
  for (const each of ['caches', 'customResources', 'kubernetesService']) boot.reached(each);
  expect(failing('readyz').slice(0, 3)).toEqual([
    'poststarthook/rbac/bootstrap-roles',
    'poststarthook/start-kube-aggregator-informers',
    'poststarthook/apiservice-status-local-available-controller',
  ]);
  expect(failing('readyz').at(-1)).toBe('autoregister-completion');
  for (const each of ['rbac/bootstrap-roles', 'aggregator']) boot.reached(each);
  expect(failing('readyz')).toEqual([]);
});

it('lets a server live that has only just been started', () => {
  const { failing, clock } = setUp(10_000);
  expect(failing('livez')).toEqual([]);
  expect(failing('readyz')).not.toEqual([]);
  clock.step(10_000);
  expect(failing('livez')).toEqual(failing('readyz'));
});
