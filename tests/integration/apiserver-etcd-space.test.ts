import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startApiserver, startEtcd } from '@pilothouse/testing';
import { requestsOf } from './apiserver-requests.ts';

const PILOTHOUSE = join(import.meta.dirname, '..', '..', 'apps', 'pilothouse', 'src', 'main.ts');
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const NO_SPACE = 'etcdserver: mvcc: database space exceeded';

it('stays of use while etcd is out of space, says so, and writes again once there is room', async () => {
  const etcd = await startEtcd({ flags: ['--quota-backend-bytes=4194304'] });
  const server = await startApiserver({ etcd });
  const requests = requestsOf(server);
  const create = (name: string, bytes = 0) =>
    requests.post(CONFIG_MAPS, { metadata: { name }, data: { filler: 'x'.repeat(bytes) } });
  const ready = async () => (await requests.get('/readyz?verbose')).text;
  const alarmMetric = async () =>
    /^pilothouse_etcd_alarm\{alarm="NOSPACE"\} (\d)$/m.exec((await requests.get('/metrics')).text)?.[1];
  try {
    expect(await ready()).toContain('[+]etcd ok\n');
    expect(await alarmMetric()).toBe('0');

    let full = 0;
    let answer = await create('fill-0', 200_000);
    while (answer.code === 201 && full < 50) answer = await create(`fill-${++full}`, 200_000);
    expect(answer).toMatchObject({
      code: 500,
      body: { kind: 'Status', status: 'Failure', message: NO_SPACE },
    });

    // No balancer may take it out of service: it still reads and deletes.
    expect((await requests.get('/readyz')).code).toBe(200);
    expect(await ready()).toContain('[+]etcd ok: alarm NOSPACE\n');
    expect(await alarmMetric()).toBe('1');
    expect((await requests.get(`${CONFIG_MAPS}/fill-0`)).code).toBe(200);
    for (let index = 0; index < full; index++) {
      expect((await requests.delete(`${CONFIG_MAPS}/fill-${index}`)).code).toBe(200);
    }
    expect(await create('too-early')).toMatchObject({ code: 500, body: { message: NO_SPACE } });

    const { stdout } = await promisify(execFile)(process.execPath, [
      ...[PILOTHOUSE, 'etcd', 'defrag', `--endpoints=${etcd.endpoint}`],
    ]);
    expect(stdout).toContain('alarm NOSPACE taken back');
    expect(await create('again')).toMatchObject({ code: 201 });
    expect(await ready()).toContain('[+]etcd ok\n');
    expect(await alarmMetric()).toBe('0');
  } finally {
    requests.close();
    await server.stop();
    await etcd.stop();
  }
});
