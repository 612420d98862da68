import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodTemplateSpec } from '@pilothouse/api';
import { computeHash, safeEncodeString } from './compute-hash.ts';

const template = (image: string): PodTemplateSpec => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image }] },
});

describe('computeHash', () => {
  it('depends on the content of the template only', () => {
    const reordered = {
      spec: { containers: [{ image: 'nginx', name: 'web' }], hostname: undefined },
      metadata: { labels: { app: 'web' } },
    };
    expect(computeHash(reordered)).toBe(computeHash(template('nginx')));
    expect(computeHash(template('nginx:2'))).not.toBe(computeHash(template('nginx')));
  });

  it('differs by collision count', () => {
    const hashes = [undefined, 0, 1, 2].map((count) => computeHash(template('nginx'), count));
    expect(new Set(hashes).size).toBe(4);
  });

  it('stays what it was, since existing ReplicaSets carry it in their names', () => {
    expect(computeHash(template('nginx'))).toMatchInlineSnapshot(`"5776d5bb59"`);
  });

  it('is spelled in the safe alphabet', () => {
    expect(safeEncodeString('0123456789')).toBe('456789bcdf');
    fc.assert(
      fc.property(fc.string(), (image) => {
        expect(computeHash(template(image))).toMatch(/^[bcdf4-9]{1,10}$/);
      }),
    );
  });
});
