import { flag, runComponent } from '@pilothouse/component';

// A component as small as one can be; what it does is chosen by its flags.
await runComponent({
  name: 'kube-fixture',
  description: 'Does what its test tells it.',
  flags: {
    fail: flag.string({ description: 'How to fail: throw, reject, later.' }),
    'slow-stop': flag.duration({ description: 'How long the stop hook takes.' }),
    profiling: flag.bool({ ignored: true }),
    'admission-control': flag.list(),
  },
  healthServer: { port: 0, host: '127.0.0.1', insecure: true },
  async main({ options, logger, metrics, tracer, signal, onShutdown, fail, clock, health }) {
    if (options.fail === 'throw') throw new Error('cannot begin');
    if (options.fail === 'reject') void Promise.reject(new Error('nobody caught this'));
    if (options.fail === 'later') fail(new Error('leaderelection lost'));
    const ticks = metrics.counter({ name: 'ticks_total', help: 'Ticks.' });
    tracer.withSpan('tick', { number: 1 }, () => ticks.with().inc());
    health.addCheck({ name: 'fixture', check: () => undefined });
    onShutdown('first', () => logger.info('hook: registered first'));
    onShutdown('second', async () => {
      logger.info({ aborted: signal.aborted }, 'hook: registered second');
      await clock.sleep(options.slowStop);
    });
    logger.info({ list: options.admissionControl }, 'started');
    setInterval(() => undefined, 1000);
  },
});
