import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { klogText } from './klog-text.ts';

describe('klogText', () => {
  it('writes what a reader of klog expects', () => {
    const line = JSON.stringify({
      level: 'warn',
      ts: '2026-11-21T09:30:00.123Z',
      component: 'kube-scheduler',
      msg: 'No node fits',
      pod: 'default/web',
      nodes: 3,
    });
    expect(klogText(line, 42)).toBe(
      'W1121 09:30:00.123000 42 kube-scheduler] "No node fits" pod="default/web" nodes=3\n',
    );
  });

  it('shows the message of an error, not its stack', () => {
    const lines: string[] = [];
    const logger = createLogger({ name: 'test', format: 'text', write: (line) => lines.push(line) });
    logger.error({ err: new Error('broken') }, 'Failed');
    expect(lines[0]).toMatch(/^E\d{4} .* test\] "Failed" err="broken"\n$/);
  });
});

describe('createLogger', () => {
  it('says as much as its verbosity allows', () => {
    const lines: string[] = [];
    const logger = createLogger({ name: 'test', verbosity: 4, write: (line) => lines.push(line) });
    logger.info('told');
    logger.debug({ key: 'a/b' }, 'told too');
    logger.trace('not told');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['told', 'told too']);
    expect(JSON.parse(lines[1]!)).toMatchObject({ level: 'debug', component: 'test', key: 'a/b' });
  });
});
