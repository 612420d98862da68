import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSnapshotStatus } from './snapshot.ts';

const directory = mkdtempSync(join(tmpdir(), 'snapshot-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function statusOf(content: Buffer) {
  writeFileSync(join(directory, 'snapshot'), content);
  return readSnapshotStatus(join(directory, 'snapshot'));
}

describe('readSnapshotStatus', () => {
  const pages = randomBytes(3 << 20);
  const digest = createHash('sha256').update(pages).digest();

  it('recognises a whole snapshot', () => {
    expect(statusOf(Buffer.concat([pages, digest]))).toEqual({
      bytes: pages.length,
      sha256: digest.toString('hex'),
      intact: true,
    });
  });

  it('recognises a changed, a cut and an empty one', () => {
    const changed = Buffer.concat([pages, digest]);
    changed[1000]! ^= 1;
    expect(statusOf(changed).intact).toBe(false);
    expect(statusOf(pages).intact).toBe(false);
    expect(statusOf(Buffer.alloc(0)).intact).toBe(false);
  });

  it('says which file it cannot read', () => {
    expect(() => readSnapshotStatus('/nowhere')).toThrow('cannot read /nowhere');
  });
});
