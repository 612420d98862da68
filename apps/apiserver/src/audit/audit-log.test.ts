import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AuditEvent } from './audit-event.ts';
import { AuditLog, type AuditLogOptions } from './audit-log.ts';

let dir: string;
let now: Date;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pilothouse-audit-log-'));
  now = new Date('2026-01-01T00:00:00Z');
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const onError = (error: Error) => {
  throw error;
};

async function write(days: number, options: Partial<AuditLogOptions> = {}): Promise<string[]> {
  const unlimited = { maxBytes: 1, maxBackups: 0, maxAgeDays: 0, compress: false };
  const log = new AuditLog({ path: join(dir, 'audit.log'), now: () => now, onError, ...unlimited, ...options });
  for (let day = 0; day < days; day++) {
    log.write([{ auditID: String(day) } as unknown as AuditEvent]);
    now = new Date(now.getTime() + 24 * 3_600_000);
  }
  await log.close();
  return readdirSync(dir).sort((a, b) => (a < b ? -1 : 1));
}

it('sets a full log aside under the time of that', async () => {
  expect(await write(3)).toEqual([
    'audit-2026-01-02T00-00-00.000.log',
    'audit-2026-01-03T00-00-00.000.log',
    'audit.log',
  ]);
  expect(readFileSync(join(dir, 'audit-2026-01-02T00-00-00.000.log'), 'utf8')).toBe('{"auditID":"0"}\n');
});

it('keeps so many of them, for so many days', async () => {
  expect(await write(5, { maxBackups: 2 })).toHaveLength(3);
  rmSync(dir, { recursive: true, force: true });
  dir = mkdtempSync(join(tmpdir(), 'pilothouse-audit-log-'));
  // Of seven, those of the last three days before the eighth.
  expect(await write(8, { maxAgeDays: 3 })).toHaveLength(4);
});

it('compresses them when it is told to', async () => {
  const [first = ''] = await write(2, { compress: true });
  expect(first.endsWith('.log.gz')).toBe(true);
  expect(gunzipSync(readFileSync(join(dir, first))).toString()).toBe('{"auditID":"0"}\n');
});
