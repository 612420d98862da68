import { describe, expect, it } from 'vitest';
import type { Namespace } from '@pilothouse/api';
import { CONTEXT, created, problemsOnUpdate } from './example-objects.ts';
import { namespace } from './namespace.ts';

describe('Namespace', () => {
  const make = (): Namespace => ({ metadata: { name: 'blue' }, spec: {} });

  it('starts active, with its name as a label and the finalizer that guards its contents', () => {
    expect(created(namespace, make())).toEqual({
      metadata: { name: 'blue', labels: { 'kubernetes.io/metadata.name': 'blue' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  });

  it('keeps its finalizers except through finalize', () => {
    const old = created(namespace, make());
    const next = structuredClone(old);
    next.spec = {};
    namespace.strategy!.prepareForUpdate!(next, old, CONTEXT);
    expect(next.spec).toEqual({ finalizers: ['kubernetes'] });
    expect(problemsOnUpdate(namespace, old, (each) => (each.spec = { finalizers: ['mine'] }), 'finalize')).toEqual([
      'spec.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ]);
  });

  it('is terminating only when it is deleted', () => {
    const old = created(namespace, make());
    expect(problemsOnUpdate(namespace, old, (each) => (each.status = { phase: 'Terminating' }), 'status')).toEqual([
      `status.Phase: Invalid value: "Terminating": may only be 'Active' if \`deletionTimestamp\` is empty`,
    ]);
  });

  it('has a DNS label for a name', () => expect(namespace.strategy!.validateName!('a.b', false)).toHaveLength(1));
});
