import { describe, expect, it } from 'vitest';
import { metricProducer } from './otel-producer.ts';
import { MetricsRegistry } from './registry.ts';

describe('MetricsRegistry', () => {
  it('prints what Prometheus reads, by name', () => {
    const metrics = new MetricsRegistry();
    const requests = metrics.counter({ name: 'b_requests_total', help: 'Requests.', labels: ['verb', 'code'] });
    requests.with('GET', '200').inc();
    requests.with('GET', '200').inc(2);
    requests.with('PUT', '409').inc();
    metrics.gauge({ name: 'a_depth', help: 'Depth.' }).with().set(7);
    expect(metrics.expose()).toBe(
      [
        '# HELP a_depth Depth.',
        '# TYPE a_depth gauge',
        'a_depth 7',
        '# HELP b_requests_total Requests.',
        '# TYPE b_requests_total counter',
        'b_requests_total{verb="GET",code="200"} 3',
        'b_requests_total{verb="PUT",code="409"} 1',
        '',
      ].join('\n'),
    );
  });

  it('counts a value on a bound into that bucket, and buckets cumulatively', () => {
    const metrics = new MetricsRegistry();
    const seconds = metrics.histogram({ name: 's', help: 'S.', labels: ['verb'], buckets: [0.1, 1] });
    for (const value of [0.1, 0.5, 7]) seconds.with('GET').observe(value);
    expect(metrics.expose().split('\n').slice(2, -1)).toEqual([
      's_bucket{verb="GET",le="0.1"} 1',
      's_bucket{verb="GET",le="1"} 2',
      's_bucket{verb="GET",le="+Inf"} 3',
      's_sum{verb="GET"} 7.6',
      's_count{verb="GET"} 3',
    ]);
  });

  it('escapes what would break a line', () => {
    const metrics = new MetricsRegistry();
    metrics
      .counter({ name: 'x', help: 'a\nb', labels: ['path'] })
      .with('"\\\n')
      .inc();
    expect(metrics.expose()).toBe('# HELP x a\\nb\n# TYPE x counter\nx{path="\\"\\\\\\n"} 1\n');
  });

  it('shows a labelled metric only once it has a series, and forgets a series on request', () => {
    const metrics = new MetricsRegistry();
    const gauge = metrics.gauge({ name: 'g', help: 'G.', labels: ['a', 'b'] });
    expect(metrics.expose()).toBe('');
    gauge.with('1', '').set(1);
    expect(metrics.expose()).toContain('g{a="1",b=""} 1');
    gauge.series.delete(['1', '']);
    expect(metrics.expose()).toBe('');
  });

  it('reads a collected gauge when it is asked', () => {
    const metrics = new MetricsRegistry();
    let depth = 1;
    metrics.gauge({ name: 'g', help: 'G.', collect: (gauge) => gauge.with().set(depth) });
    depth = 5;
    expect(metrics.expose()).toContain('g 5');
  });

  it('refuses a second metric of the same name', () => {
    const metrics = new MetricsRegistry();
    metrics.counter({ name: 'x', help: '' });
    expect(() => metrics.gauge({ name: 'x', help: '' })).toThrow('metric x is registered twice');
  });
});

describe('metricProducer', () => {
  it('hands every metric to OpenTelemetry', async () => {
    const metrics = new MetricsRegistry();
    metrics
      .counter({ name: 'c', help: 'C.', labels: ['verb'] })
      .with('GET')
      .inc(3);
    metrics
      .histogram({ name: 'h', help: 'H.', buckets: [1, 2] })
      .with()
      .observe(1.5);
    const { resourceMetrics } = await metricProducer('test', metrics).collect();
    const [counter, histogram] = resourceMetrics.scopeMetrics[0]!.metrics;
    expect(counter).toMatchObject({ isMonotonic: true, dataPoints: [{ attributes: { verb: 'GET' }, value: 3 }] });
    expect(histogram).toMatchObject({
      dataPoints: [{ value: { count: 1, sum: 1.5, buckets: { boundaries: [1, 2], counts: [0, 1, 0] } } }],
    });
  });
});
