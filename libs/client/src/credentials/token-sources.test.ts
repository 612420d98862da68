import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '@pilothouse/component';
import { execTokenSource } from './exec-token-source.ts';
import { fileTokenSource } from './file-token-source.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'token-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('fileTokenSource', () => {
  it('reads a replaced token within a minute, and keeps the last one when the file is gone', () => {
    const clock = new FakeClock();
    const path = join(dir, 'token');
    writeFileSync(path, 'one\n');
    const token = fileTokenSource(path, clock);
    expect(token()).toBe('one');
    writeFileSync(path, 'two');
    expect(token()).toBe('one');
    clock.step(60_000);
    expect(token()).toBe('two');
    rmSync(path);
    clock.step(60_000);
    expect(token()).toBe('two');
  });

  it('fails when there has never been a token', () => {
    expect(fileTokenSource(join(dir, 'none'), new FakeClock())).toThrow('ENOENT');
  });
});

describe('execTokenSource', () => {
  const plugin = (text: string) => ({
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', text],
    env: [{ name: 'SECRET', value: 's3' }],
  });

  it('asks the plugin with its environment, once until the token expires', async () => {
    const clock = new FakeClock('2030-01-01T00:00:00Z');
    const expirationTimestamp = '2030-01-01T01:00:00Z';
    const token = execTokenSource(
      plugin(
        `console.log(JSON.stringify({status: {token: process.env.SECRET + process.hrtime.bigint(), expirationTimestamp: '${expirationTimestamp}'}}))`,
      ),
      clock,
    );
    const first = await token();
    expect(first).toMatch(/^s3\d+$/);
    expect(await token()).toBe(first);
    clock.step(3_595_000);
    expect(await token()).not.toBe(first);
  });

  it('says when the plugin returns none', async () => {
    await expect(execTokenSource(plugin('console.log("{}")'), new FakeClock())()).rejects.toThrow(
      'did not return a token',
    );
  });
});
