import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { template } from './workloads.ts';

/**
 * A cron job that is due: it last ran a quarter of an hour ago, so that no story has to wait for a full minute. It runs
 * each hour at the minute that comes next after that.
 */
async function dueCronJob(told: Story, command: string, spec: Json = {}): Promise<string> {
  const minute = new Date(Date.now() - 5 * 60_000).getUTCMinutes();
  const path = `${told.in('batch/v1')}/cronjobs/tick`;
  await told.api.create(`${told.in('batch/v1')}/cronjobs`, {
    metadata: { name: 'tick' },
    spec: {
      schedule: `${minute} * * * *`,
      jobTemplate: { spec: { template: template('tick', command, 'Never') } },
      ...spec,
    },
  });
  await makeDue(told);
  return path;
}

const makeDue = ({ api, in: within }: Story): Promise<Json> =>
  api.update(
    `${within('batch/v1')}/cronjobs/tick`,
    (object) => {
      object.status = {
        ...object.status,
        lastScheduleTime: new Date(Date.now() - 15 * 60_000).toISOString().slice(0, 19) + 'Z',
      };
    },
    '/status',
  );

const jobsOf = async ({ api, in: within }: Story): Promise<Json[]> =>
  (await api.get(`${within('batch/v1')}/jobs`)).items;

const reasonsOf = async ({ api, in: within }: Story): Promise<string[]> =>
  (await api.get(`${within()}/events?fieldSelector=involvedObject.name%3Dtick`)).items.map(
    ({ reason }: Json) => reason,
  );

story('a cron job that is due starts a job, once, and says so', async (told) => {
  const path = await dueCronJob(told, 'exit 0', { timeZone: 'Europe/Berlin' });
  const [job] = await eventually(async () => {
    const jobs = await jobsOf(told);
    expect(jobs).toHaveLength(1);
    return jobs;
  });
  const timestamp = job.metadata.annotations['batch.kubernetes.io/cronjob-scheduled-timestamp'];
  expect(timestamp).toMatch(/:00\+0[12]:00$/);
  expect(job.metadata.name).toBe(`tick-${Date.parse(timestamp) / 60_000}`);
  expect(job.metadata.ownerReferences).toMatchObject([{ kind: 'CronJob', name: 'tick', controller: true }]);
  await eventually(async () => {
    const { status } = await told.api.get(path);
    expect(status.active).toBeUndefined();
    expect(Date.parse(status.lastScheduleTime)).toBe(Date.parse(timestamp));
    expect(status.lastSuccessfulTime).toBeDefined();
    expect(await reasonsOf(told)).toEqual(expect.arrayContaining(['SuccessfulCreate', 'SawCompletedJob']));
  });
});

story('a suspended cron job starts nothing', async (told) => {
  const path = await dueCronJob(told, 'exit 0', { suspend: true });
  // The controller has seen it once it has seen what was changed later.
  await told.api.create(`${told.in('batch/v1')}/cronjobs`, {
    metadata: { name: 'other' },
    spec: { schedule: '@every 1h', jobTemplate: { spec: { template: template('other', 'exit 0', 'Never') } } },
  });
  await told.api.update(
    `${told.in('batch/v1')}/cronjobs/other`,
    (object) => (object.status = { lastScheduleTime: new Date(Date.now() - 2 * 3_600_000).toISOString() }),
    '/status',
  );
  await eventually(async () => expect(await jobsOf(told)).toHaveLength(1));
  expect((await told.api.get(path)).status.active).toBeUndefined();
  expect((await jobsOf(told))[0].metadata.name).toMatch(/^other-/);
});

story('a cron job with Forbid starts no second job beside the first', async (told) => {
  const path = await dueCronJob(told, 'sleep 1000', { concurrencyPolicy: 'Forbid' });
  await eventually(async () => expect((await told.api.get(path)).status.active).toHaveLength(1));
  await told.api.update(
    path,
    ({ spec }) => (spec.schedule = `${new Date(Date.now() - 2 * 60_000).getUTCMinutes()} * * * *`),
  );
  await makeDue(told);
  await eventually(async () => expect(await reasonsOf(told)).toContain('JobAlreadyActive'));
  expect(await jobsOf(told)).toHaveLength(1);
});

story('a cron job with Replace puts a new job in the place of the first', async (told) => {
  const path = await dueCronJob(told, 'sleep 1000', { concurrencyPolicy: 'Replace' });
  const [first] = await eventually(async () => {
    const { status } = await told.api.get(path);
    expect(status.active).toHaveLength(1);
    return status.active;
  });
  await told.api.update(
    path,
    ({ spec }) => (spec.schedule = `${new Date(Date.now() - 2 * 60_000).getUTCMinutes()} * * * *`),
  );
  await makeDue(told);
  await eventually(async () => {
    const jobs = await jobsOf(told);
    expect(jobs).toHaveLength(1);
    expect(jobs[0].metadata.uid).not.toBe(first.uid);
    expect((await told.api.get(path)).status.active).toMatchObject([{ uid: jobs[0].metadata.uid }]);
  });
});

story('a cron job with Allow runs jobs beside each other', async (told) => {
  const path = await dueCronJob(told, 'sleep 1000');
  await eventually(async () => expect((await told.api.get(path)).status.active).toHaveLength(1));
  await told.api.update(
    path,
    ({ spec }) => (spec.schedule = `${new Date(Date.now() - 2 * 60_000).getUTCMinutes()} * * * *`),
  );
  await makeDue(told);
  await eventually(async () => expect((await told.api.get(path)).status.active).toHaveLength(2));
});

story('a cron job misses a start that is over, and notices that a job went missing', async (told) => {
  const path = await dueCronJob(told, 'sleep 1000');
  const [active] = await eventually(async () => {
    const { status } = await told.api.get(path);
    expect(status.active).toHaveLength(1);
    return status.active;
  });
  await told.api.delete(`${told.in('batch/v1')}/jobs/${active.name}?propagationPolicy=Background`);
  await eventually(async () => {
    expect((await told.api.get(path)).status.active).toBeUndefined();
    expect(await reasonsOf(told)).toContain('MissingJob');
  });
});

story('finished jobs beyond the history limit go', async (told) => {
  const jobTemplate = { spec: { backoffLimit: 0, template: template('tick', 'exit 1', 'Never') } };
  await dueCronJob(told, 'exit 1', { failedJobsHistoryLimit: 0, jobTemplate });
  await eventually(async () => {
    expect(await reasonsOf(told)).toContain('SuccessfulDelete');
    expect(await jobsOf(told)).toHaveLength(0);
  });
});

story('a job that somebody makes in a cron job’s name is told of, and does not count', async (told) => {
  const path = await dueCronJob(told, 'sleep 1000', { concurrencyPolicy: 'Forbid', suspend: true });
  await told.kubectl('create job by-hand --from=cronjob/tick');
  await eventually(async () => expect(await reasonsOf(told)).toContain('UnexpectedJob'));
  expect((await told.api.get(path)).status.active).toBeUndefined();
});
