import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lastLineOf } from './last-line.ts';

const directory = mkdtempSync(join(tmpdir(), 'log-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const lastOf = (text: string): string => {
  writeFileSync(join(directory, 'log'), text);
  return lastLineOf(join(directory, 'log'));
};

describe('lastLineOf', () => {
  it('prefers what a component says about its own end', () => {
    expect(lastOf('{"msg":"a"}\nerror: kubelet: no kubeconfig\n{"msg":"b"}\n')).toBe('kubelet: no kubeconfig');
  });

  it('prefers the error that Node prints to its own name', () => {
    expect(lastOf('file:///x.ts:1\nTypeError: x is not a function\n    at y\n\nNode.js v24.21.0\n')).toBe(
      'TypeError: x is not a function',
    );
    expect(lastOf('Error [ERR_MODULE_NOT_FOUND]: Cannot find module\n\nNode.js v24.21.0\n')).toBe(
      'Error [ERR_MODULE_NOT_FOUND]: Cannot find module',
    );
  });

  it('else takes the last line there is', () => {
    expect(lastOf('one\ntwo\n\n')).toBe('two');
    expect(lastOf('')).toBe('');
    expect(lastLineOf('/nowhere')).toBe('');
  });

  it('reads the end of a long log only', () => {
    expect(lastOf(`${'x'.repeat(100_000)}\nthe end\n`)).toBe('the end');
  });
});
