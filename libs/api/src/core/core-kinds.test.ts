import { describe, expect, it } from 'vitest';
import type { ServiceAccount } from '@pilothouse/api';
import { binding } from './binding.ts';
import { created, exampleMeta, problemsOnCreate } from './example-objects.ts';
import { coreKinds } from './index.ts';
import { podTemplate } from './pod-template.ts';
import { serviceAccount } from './service-account.ts';

it('each kind is listed once', () => {
  expect(new Set(coreKinds.map((kind) => kind.kind)).size).toBe(coreKinds.length);
  expect(coreKinds.every((kind) => kind.group === '')).toBe(true);
});

describe('the small ones', () => {
  it('a ServiceAccount knows its secrets by name only', () => {
    const secrets = [{ name: 'a', namespace: 'elsewhere', uid: '1' }];
    const each: ServiceAccount = created(serviceAccount, { metadata: exampleMeta(), secrets });
    expect(each.secrets).toEqual([{ name: 'a' }]);
  });

  it('a Binding needs a node', () => {
    expect(problemsOnCreate(binding, { metadata: exampleMeta(), target: { kind: 'Pod' } })).toEqual([
      'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
      'target.name: Required value',
    ]);
  });

  it('a PodTemplate is validated where it stands', () => {
    expect(
      problemsOnCreate(podTemplate, { metadata: exampleMeta(), template: { metadata: {}, spec: { containers: [] } } }),
    ).toEqual(['template.spec.containers: Required value']);
  });
});
