import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

let server: RunningApiserver;
let requests: Requests;

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
  await requests.post(CONFIG_MAPS, { metadata: { name: 'kept' } });
  await requests.post('/api/v1/namespaces/nowhere/configmaps', { metadata: { name: 'refused' } });
  await requests.get(CONFIG_MAPS);
  await requests.get('/api/v1/componentstatuses');
  const name = 'pods/none/proxy';
  await requests.get(`/api/v1/namespaces/default/${name}/`);
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

async function samplesOf(name: string): Promise<Sample[]> {
  const { text } = await requests.get('/metrics');
  return text.split('\n').flatMap((line) => {
    const [, labels = '', value = ''] = new RegExp(`^${name}\\{(.*)\\} (\\S+)$`).exec(line) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key!, text!]);
    return value === '' ? [] : [{ labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
  });
}

/** Labels as in https://kubernetes.io/docs/reference/instrumentation/metrics/ */
describe('the metrics that dashboards rely on', () => {
  it.each([
    ['apiserver_admission_controller_admission_duration_seconds_count', 'name operation rejected type'],
    ['apiserver_admission_step_admission_duration_seconds_count', 'operation rejected type'],
    ['apiserver_current_inflight_requests', 'request_kind'],
    ['apiserver_requested_deprecated_apis', 'group removed_release resource subresource version'],
    ['apiserver_request_sli_duration_seconds_count', 'component group resource scope subresource verb version'],
    ['apiserver_flowcontrol_dispatched_requests_total', 'flow_schema priority_level'],
    ['authentication_attempts', 'result'],
    ['authorization_attempts_total', 'result'],
    ['apiserver_request_duration_seconds_count', 'component dry_run group resource scope subresource verb version'],
    ['apiserver_request_total', 'code component dry_run group resource scope subresource verb version'],
    ['apiserver_resource_objects', 'group resource'],
    ['apiserver_response_sizes_count', 'component group resource scope subresource verb version'],
    ['apiserver_storage_objects', 'resource'],
    ['etcd_request_duration_seconds_count', 'group operation resource'],
  ])('%s has the labels %s', async (name, labels) => {
    const samples = await samplesOf(name);
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) expect(Object.keys(sample.labels).sort().join(' ')).toBe(labels);
  });

  it('tell admission that refused from admission that let pass', async () => {
    const controllers = await samplesOf('apiserver_admission_controller_admission_duration_seconds_count');
    const count = (rejected: string) =>
      controllers.find(
        ({ labels }) =>
          labels['name'] === 'NamespaceLifecycle' &&
          labels['operation'] === 'CREATE' &&
          labels['rejected'] === rejected,
      )?.value;
    expect(count('true')).toBe(1);
    expect(count('false')).toBeGreaterThanOrEqual(1);
  });

  it('call what opens a connection CONNECT, and know how much a list said', async () => {
    const total = await samplesOf('apiserver_request_total');
    expect(total.filter(({ labels }) => labels['subresource'] === 'proxy').map(({ labels }) => labels['verb'])).toEqual(
      ['CONNECT'],
    );
    const sizes = await samplesOf('apiserver_response_sizes_sum');
    const listed = sizes.find(({ labels }) => labels['resource'] === 'configmaps' && labels['verb'] === 'LIST');
    expect(listed?.value).toBeGreaterThan(100);
  });
});
