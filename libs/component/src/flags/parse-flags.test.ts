import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDurationMs } from './duration.ts';
import { flag } from './flag.ts';
import { helpText } from './help-text.ts';
import { parseFlags } from './parse-flags.ts';

const FLAGS = {
  'secure-port': flag.int({ default: 6443, description: 'The port.' }),
  'leader-elect': flag.bool({ default: true }),
  'etcd-servers': flag.list({ default: ['http://localhost:2379'] }),
  'feature-gates': flag.boolMap(),
  'resync-period': flag.duration({ default: 30_000 }),
  kubeconfig: flag.string(),
  v: flag.int(),
};

const parse = (...args: string[]) => parseFlags(FLAGS, args);

describe('parseFlags', () => {
  it('gives every flag its default', () => {
    expect(parse().values).toEqual({
      securePort: 6443,
      leaderElect: true,
      etcdServers: ['http://localhost:2379'],
      featureGates: {},
      resyncPeriod: 30_000,
      kubeconfig: '',
      v: 0,
    });
  });

  it('takes a value behind = or as the next argument', () => {
    expect(parse('--secure-port=1', '--kubeconfig', 'a=b').values).toMatchObject({ securePort: 1, kubeconfig: 'a=b' });
    expect(parse('-v', '4').values.v).toBe(4);
    expect(parse('-v=5').values.v).toBe(5);
    expect(parse('--v=6').values.v).toBe(6);
  });

  it('never takes the next argument as the value of a boolean', () => {
    expect(parse('--leader-elect', 'false')).toMatchObject({ values: { leaderElect: true }, arguments: ['false'] });
    expect(parse('--leader-elect=false').values.leaderElect).toBe(false);
  });

  it('collects a list from commas and repetition, in place of the default', () => {
    expect(parse('--etcd-servers=a,b', '--etcd-servers', 'c').values.etcdServers).toEqual(['a', 'b', 'c']);
  });

  it('reads feature gates', () => {
    expect(parse('--feature-gates=A=true,B=false', '--feature-gates=C=true').values.featureGates).toEqual({
      A: true,
      B: false,
      C: true,
    });
  });

  it('takes _ for -', () => {
    expect(parse('--secure_port=1').values.securePort).toBe(1);
  });

  it('leaves what follows -- alone', () => {
    expect(parse('--', '--secure-port=1').arguments).toEqual(['--secure-port=1']);
  });

  it('tells which flags stood on the command line', () => {
    expect([...parse('--v=1', '--leader-elect').set]).toEqual(['v', 'leader-elect']);
  });

  it.each([
    [['--nonsense=1'], 'unknown flag: --nonsense'],
    [['--constructor'], 'unknown flag: --constructor'],
    [['-kubeconfig=x'], 'unknown flag: -kubeconfig'],
    [['--kubeconfig'], 'flag needs an argument: --kubeconfig'],
    [['--secure-port=x'], 'invalid argument "x" for "--secure-port" flag: expected an integer'],
    [['--leader-elect=maybe'], 'invalid argument "maybe" for "--leader-elect" flag: expected true or false'],
    [['--feature-gates=A'], 'invalid argument "A" for "--feature-gates" flag: A must be formatted as key=value'],
    [['--resync-period=10'], 'invalid argument "10" for "--resync-period" flag'],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });
});

describe('durations', () => {
  it.each([
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['0', 0],
    ['-2s', -2000],
  ])('reads %s', (text, ms) => expect(parseDurationMs(text)).toBe(ms));

  it.each(['', '10', 's', '1x', '1s 2s', '--1s'])('refuses %j', (text) =>
    expect(parseDurationMs(text)).toBeUndefined(),
  );

  it('reads back what it writes', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (ms) => parseDurationMs(formatDuration(ms)) === ms));
  });
});

describe('helpText', () => {
  it('shows every flag with its type and default', () => {
    const text = helpText('kube-test', 'A test.', FLAGS);
    expect(text).toContain('Usage:\n  kube-test [flags]');
    expect(text).toMatch(/^ {6}--secure-port int +The port\. \(default 6443\)$/m);
    expect(text).toMatch(/^ {6}--leader-elect +\(default true\)$/m);
    expect(text).toMatch(/^ {2}-v int$/m);
  });
});
