import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { template } from './workloads.ts';

const jobOf = (name: string, command: string, spec: Json = {}, restartPolicy = 'Never'): Json => ({
  metadata: { name },
  spec: { parallelism: 2, completions: 4, backoffLimit: 6, ...spec, template: template(name, command, restartPolicy) },
});

async function ends(
  { api, in: within }: Story,
  job: Json,
  type: 'Complete' | 'Failed',
  status: Json = {},
): Promise<Json> {
  const path = `${within('batch/v1')}/jobs`;
  await api.create(path, job);
  return eventually(async () => {
    const current = await api.get(`${path}/${job.metadata.name}`);
    expect(current.status.conditions, JSON.stringify(current.status)).toContainEqual(
      expect.objectContaining({ type, status: 'True' }),
    );
    expect(current.status).toMatchObject(status);
    return current;
  }, 60_000);
}

/** The simulated file system is the container's own: whether a pod fails is told by its index. */
const failsAt = (indexes: string): string =>
  `for i in ${indexes}; do if [ "$JOB_COMPLETION_INDEX" = "$i" ]; then exit 42; fi; done; exit 0`;

story('a job runs to completion', async (told) => {
  await ends(told, jobOf('all', 'exit 0'), 'Complete', { succeeded: 4 });
});

story('a job fails early on an exit code that its policy names', async (told) => {
  const podFailurePolicy = {
    rules: [{ action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [1] } }],
  };
  const { status } = await ends(told, jobOf('early', 'exit 1', { podFailurePolicy }), 'Failed');
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'FailureTarget', status: 'True', reason: 'PodFailurePolicy' }),
  );
});

story('an indexed job gives its pods their index and host name', async (told) => {
  await ends(told, jobOf('indexed', 'exit 0', { completionMode: 'Indexed' }), 'Complete', { completedIndexes: '0-3' });
  const { items } = await told.api.get(`${told.in()}/pods?labelSelector=job-name%3Dindexed`);
  const indexes = items.map((item: Json) => item.metadata.annotations['batch.kubernetes.io/job-completion-index']);
  expect(indexes.toSorted()).toEqual(['0', '1', '2', '3']);
  for (const { metadata, spec } of items) {
    const index = metadata.annotations['batch.kubernetes.io/job-completion-index'];
    expect(spec.hostname).toBe(`indexed-${index}`);
    expect(metadata.labels['batch.kubernetes.io/job-completion-index']).toBe(index);
  }
});

story('all indexes run although some fail', async (told) => {
  const spec = { completionMode: 'Indexed', backoffLimit: undefined, backoffLimitPerIndex: 0 };
  const { status } = await ends(told, jobOf('some', failsAt('1 3'), spec), 'Failed', {
    completedIndexes: '0,2',
    failedIndexes: '1,3',
  });
  expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Failed', reason: 'FailedIndexes' }));
});

story('a job ends when more indexes failed than it allows', async (told) => {
  const spec = {
    completionMode: 'Indexed',
    backoffLimit: undefined,
    backoffLimitPerIndex: 0,
    maxFailedIndexes: 0,
    parallelism: 1,
  };
  const { status } = await ends(told, jobOf('max', 'exit 1', spec), 'Failed', { failedIndexes: '0' });
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: 'Failed', reason: 'MaxFailedIndexesExceeded' }),
  );
});

story('an index fails at once when the failure policy says FailIndex', async (told) => {
  const podFailurePolicy = { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } }] };
  const spec = {
    completionMode: 'Indexed',
    backoffLimit: undefined,
    backoffLimitPerIndex: 3,
    podFailurePolicy,
    completions: 2,
  };
  await ends(told, jobOf('failindex', failsAt('0'), spec), 'Failed', {
    completedIndexes: '1',
    failedIndexes: '0',
    failed: 1,
    succeeded: 1,
  });
});

for (const [what, rule, completedIndexes] of [
  ['all indexes', {}, '0,1'],
  ['the indexes named', { succeededIndexes: '0' }, '0'],
  ['enough indexes', { succeededCount: 1 }, '0'],
] as const) {
  story(`a job with a success policy succeeds when ${what} succeeded`, async (told) => {
    const needsAll = completedIndexes === '0,1';
    const command = needsAll ? 'exit 0' : 'if [ "$JOB_COMPLETION_INDEX" = "0" ]; then exit 0; fi; sleep 1000';
    const rules = needsAll ? [{ succeededIndexes: '0-1' }] : [rule];
    const { status } = await ends(
      told,
      jobOf('success', command, { completionMode: 'Indexed', completions: 2, successPolicy: { rules } }),
      'Complete',
      { completedIndexes },
    );
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'SuccessCriteriaMet', status: 'True', reason: 'SuccessPolicy' }),
    );
  });
}

story('a job ignores failures that match DisruptionTarget', async (told) => {
  const { api } = told;
  const podFailurePolicy = {
    rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
  };
  const path = `${told.in('batch/v1')}/jobs`;
  await api.create(
    path,
    jobOf('disrupted', 'sleep 6', { completions: 1, parallelism: 1, backoffLimit: 0, podFailurePolicy }),
  );
  const [first] = await eventually(async () => {
    const { items } = await api.get(`${told.in()}/pods?labelSelector=job-name%3Ddisrupted`);
    expect(items[0]?.status.phase).toBe('Running');
    return items;
  });
  await api.create(`${told.in()}/pods/${first.metadata.name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: first.metadata.name },
  });
  await eventually(
    async () => expect((await api.get(`${path}/disrupted`)).status).toMatchObject({ succeeded: 1 }),
    60_000,
  );
});

story('a job adopts orphans and releases pods that no longer match', async ({ api, in: within }) => {
  const path = `${within('batch/v1')}/jobs`;
  await api.create(path, jobOf('adopt', 'sleep 1000', { completions: 1, parallelism: 1 }));
  const first = await eventually(async () => {
    const { items } = await api.get(`${within()}/pods`);
    expect(items[0]?.status.phase).toBe('Running');
    return items[0];
  });
  const one = `${within()}/pods/${first.metadata.name}`;
  await api.patch(one, 'merge', { metadata: { ownerReferences: null } });
  await eventually(async () => expect((await api.get(one)).metadata.ownerReferences?.[0].name).toBe('adopt'));
  await api.patch(one, 'merge', { metadata: { labels: null } });
  await eventually(async () => expect((await api.get(one)).metadata.ownerReferences).toBeUndefined());
});

story('a deleted job takes its pods with it', async ({ api, in: within }) => {
  const path = `${within('batch/v1')}/jobs`;
  await api.create(path, jobOf('deleted', 'sleep 1000'));
  await eventually(async () => expect((await api.get(`${path}/deleted`)).status.active).toBe(2));
  await api.delete(`${path}/deleted`, { propagationPolicy: 'Foreground' });
  await eventually(async () => expect((await api.send('GET', `${path}/deleted`)).code).toBe(404));
  expect((await api.get(`${within()}/pods`)).items).toEqual([]);
});

story('the status of a job is patched and replaced', async ({ api, in: within }) => {
  const path = `${within('batch/v1')}/jobs/s`;
  await api.create(`${within('batch/v1')}/jobs`, jobOf('s', 'sleep 1000'));
  await eventually(async () => expect((await api.get(path)).status.ready).toBe(2));
  const condition = { type: 'CustomConditionType', status: 'True' };
  const patched = await api.patch(`${path}/status`, 'merge', {
    metadata: { annotations: { patchedstatus: 'true' } },
    status: { conditions: [condition] },
  });
  expect(patched.metadata.annotations.patchedstatus).toBe('true');
  expect(patched.status.conditions).toContainEqual(expect.objectContaining(condition));
  const startTime = new Date(Date.now() + 1000).toISOString().replace(/\.\d+/, '');
  const refused = await api.send('PUT', `${path}/status`, {
    ...(await api.get(path)),
    status: { ...(await api.get(path)).status, startTime },
  });
  expect([200, 409, 422]).toContain(refused.code);
});

story('a job is suspended, resumed, labelled and deleted as a collection', async ({ api, in: within, unique }) => {
  const label = unique('j');
  const path = `${within('batch/v1')}/jobs`;
  await api.create(path, jobOf('life', 'sleep 1000', { suspend: true }));
  await api.patch(`${path}/life`, 'strategic', { metadata: { labels: { told: label } } });
  await eventually(async () =>
    expect((await api.get(`${path}/life`)).status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Suspended', status: 'True' }),
    ),
  );
  await api.update(`${path}/life`, (object) => (object.spec.suspend = false));
  await eventually(async () => expect((await api.get(`${path}/life`)).status.active).toBe(2));
  expect((await api.get(`/apis/batch/v1/jobs?labelSelector=told%3D${label}`)).items).toHaveLength(1);
  await api.delete(`${path}?labelSelector=told%3D${label}&propagationPolicy=Background`);
  await eventually(async () => expect((await api.get(path)).items).toEqual([]));
});

story('a job whose containers fail and restart in place runs to completion', async (told) => {
  // The shell remembers nothing between restarts; how often a container restarted is told by its own clock.
  const started = Math.floor(Date.now() / 1_000) + 4;
  const command = `if [ $(date +%s) -lt ${started} ]; then exit 1; fi; exit 0`;
  await ends(told, jobOf('restarts', command, { backoffLimit: 100 }, 'OnFailure'), 'Complete', { succeeded: 4 });
});
