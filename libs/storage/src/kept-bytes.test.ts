import { expect, it } from 'vitest';
import { keptBytes } from './kept-bytes.ts';

it('copies a view of a larger block, and nothing else', () => {
  const view = Buffer.alloc(64 * 1024, 'a').subarray(10, 13);
  const kept = keptBytes(view);
  expect(kept.toString()).toBe('aaa');
  expect(kept.buffer.byteLength).toBe(3);
  expect(keptBytes(kept)).toBe(kept);
});
