import { describe, expect, it } from 'vitest';
import type { ReplicationController } from '@pilothouse/api';
import { created, exampleMeta, problemsOnCreate, problemsOnUpdate } from './example-objects.ts';
import { replicationController } from './replication-controller.ts';

describe('ReplicationController', () => {
  const template = () => ({
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'a', image: 'a:1' }] },
  });
  const make = (spec: ReplicationController['spec']): ReplicationController => ({ metadata: exampleMeta(), spec });

  it('selects the pods of its template', () => {
    const each = created(replicationController, make({ template: template() }));
    expect(each.metadata.labels).toEqual({ app: 'web' });
    expect(each.spec).toMatchObject({ replicas: 1, selector: { app: 'web' } });
  });

  it.each<[string, ReplicationController['spec'], string[]]>([
    [
      'another selector than its template',
      { template: template(), selector: { app: 'db' } },
      ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    ],
    ['no template', { selector: { app: 'db' } }, ['spec.template: Required value']],
    [
      'less than no replicas',
      { template: template(), replicas: -1 },
      ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'pods that end',
      { template: { ...template(), spec: { ...template().spec, restartPolicy: 'Never' } } },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
  ])('with %s', (_, spec, expected) => expect(problemsOnCreate(replicationController, make(spec))).toEqual(expected));

  it('is not more ready than it is', () => {
    const old = created(replicationController, make({ template: template() }));
    const change = (each: ReplicationController): void => {
      each.status = { replicas: 1, readyReplicas: 2 };
    };
    expect(problemsOnUpdate(replicationController, old, change, 'status')).toEqual([
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
    ]);
  });
});
