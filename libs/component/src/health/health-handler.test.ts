import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../logger.ts';
import { MetricsRegistry } from '../metrics/registry.ts';
import { createHealthHandler } from './health-handler.ts';
import { startHealthServer } from './health-server.ts';
import type { HealthServer } from './health-server.ts';
import { Health } from './health.ts';

let server: HealthServer | undefined;
afterEach(() => server?.close());

async function serve(prepare: (health: Health, metrics: MetricsRegistry) => void = () => undefined) {
  const health = new Health();
  const metrics = new MetricsRegistry();
  prepare(health, metrics);
  const handler = createHealthHandler({ health, metrics, logger: silentLogger() });
  server = await startHealthServer({ handler, host: '127.0.0.1', port: 0 });
  return async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server!.port}${path}`);
    return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') };
  };
}

const failing = { name: 'etcd', check: () => Promise.reject(new Error('no leader')) };

describe('health checks', () => {
  it('answer ok when everything is well', async () => {
    const get = await serve();
    expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok' });
    expect(await get('/readyz/ping')).toMatchObject({ status: 200, text: 'ok' });
  });

  it('list what passed when asked to be verbose', async () => {
    const get = await serve((health) => health.addCheck({ name: 'log', check: () => undefined }));
    expect((await get('/livez?verbose')).text).toBe('[+]ping ok\n[+]log ok\nlivez check passed\n');
  });

  it('pass with a remark that only the verbose see', async () => {
    const get = await serve((health) => health.addCheck({ name: 'etcd', check: async () => 'alarm NOSPACE' }));
    expect(await get('/readyz')).toMatchObject({ status: 200, text: 'ok' });
    expect((await get('/readyz?verbose')).text).toBe('[+]ping ok\n[+]etcd ok: alarm NOSPACE\nreadyz check passed\n');
  });

  it('name what failed, and keep why to themselves', async () => {
    const get = await serve((health) => health.addCheck(failing));
    expect(await get('/readyz')).toMatchObject({
      status: 500,
      text: '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n',
    });
    expect(await get('/readyz/etcd')).toMatchObject({
      status: 500,
      text: 'internal server error: no leader\n',
    });
  });

  it('leave out what is excluded, and warn about what there is not', async () => {
    const get = await serve((health) => health.addCheck(failing));
    expect(await get('/healthz?exclude=etcd')).toMatchObject({ status: 200, text: 'ok' });
    expect((await get('/healthz?verbose&exclude=etcd&exclude=x')).text).toBe(
      '[+]ping ok\n[+]etcd excluded: ok\n' +
        'warn: some health checks cannot be excluded: no matches for "x"\nhealthz check passed\n',
    );
  });

  it('leave what they found where indicators of service levels are scraped', async () => {
    const get = await serve((health) => health.addCheck({ ...failing, on: ['readyz'] }));
    await get('/readyz');
    await get('/readyz?exclude=etcd');
    await get('/livez');
    const { text, type } = await get('/metrics/slis');
    expect(type).toContain('text/plain; version=0.0.4');
    expect(text).toContain('kubernetes_healthcheck{name="etcd",type="readyz"} 0');
    expect(text).toContain('kubernetes_healthcheck{name="ping",type="livez"} 1');
    expect(text).toContain('kubernetes_healthchecks_total{name="etcd",status="error",type="readyz"} 1');
    expect(text).toContain('kubernetes_healthchecks_total{name="ping",status="success",type="readyz"} 2');
    expect(text).not.toContain('name="etcd",status="success"');
  });

  it('count only where they belong', async () => {
    const get = await serve((health) => health.addCheck({ ...failing, on: ['readyz'] }));
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(500);
    expect((await get('/livez/etcd')).status).toBe(404);
  });
});

describe('the other pages', () => {
  it('serve metrics, configuration and dumps', async () => {
    const get = await serve((health, metrics) => {
      metrics.gauge({ name: 'depth', help: 'Depth.' }).with().set(1);
      health.addConfigz('kube-test', () => ({ securePort: 1 }));
      health.addDebugDump('queue', () => ({ depth: 1 }));
    });
    expect(await get('/metrics')).toMatchObject({ type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect((await get('/metrics')).text).toContain('depth 1');
    expect(JSON.parse((await get('/configz')).text)).toEqual({ 'kube-test': { securePort: 1 } });
    expect(JSON.parse((await get('/debug/queue')).text)).toEqual({ depth: 1 });
    expect((await get('/debug')).text).toBe('/debug/queue\n');
    expect((await get('/nothing')).status).toBe(404);
  });
});
