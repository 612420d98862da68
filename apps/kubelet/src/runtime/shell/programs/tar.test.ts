import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileSystem } from '../../file-system.ts';
import { bytesOf } from '../byte-text.ts';
import type { ProcessContext } from '../process.ts';
import { tar } from './tar.ts';
import { readTar, writeTar } from './tar-archive.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const context = (files: FileSystem) => ({ files, cwd: '/', now: () => NOW }) as unknown as ProcessContext;

function run(args: string[], files: Record<string, string>, input: string[] = []) {
  const system = new FileSystem({ own: files });
  const process = tar(args, context(system));
  const said = { stdout: '', stderr: '' };
  const lines = [...input];
  for (let step = process.next(); ; step = process.next()) {
    while (!step.done && step.value.type === 'read') step = process.next(lines.shift());
    if (step.done) {
      const after = Object.fromEntries(system.list().map((path) => [path, system.read(path)]));
      return { ...said, code: step.value, files: after };
    }
    if (step.value.type === 'write') said[step.value.stream] += step.value.text;
  }
}

describe('tar', () => {
  test.each(['', 'z'])('carries a directory to another place (%j)', (z) => {
    const files = { '/data/a.txt': 'one\n', '/data/sub/b.bin': 'two\udcff\udc80', '/else': 'x' };
    const archive = run([`c${z}f`, '-', '/data'], files);
    expect(archive.stderr).toBe("tar: Removing leading `/' from member names\n");
    const input = archive.stdout.split(/(?<=\n)/);
    const { code, files: there } = run([`-x${z}mf`, '-', '-C', '/copy'], {}, input);
    expect(code).toBe(0);
    expect(there).toEqual({ '/copy/data/a.txt': 'one\n', '/copy/data/sub/b.bin': 'two\udcff\udc80' });
  });

  test('says what it does not find', () => {
    const { code, stderr } = run(['cf', '-', 'nothing'], {});
    expect([code, stderr.split('\n')[0]]).toEqual([2, 'tar: nothing: Cannot stat: No such file or directory']);
  });

  test('refuses what is no archive', () => {
    expect(run(['xf', '-'], {}, ['\udcff'.repeat(600)]).code).toBe(2);
  });

  test('an archive read is the archive written, long names included', () => {
    const name = fc
      .stringMatching(/^[a-z/é]{1,200}$/)
      .map((text) => `f${text.replace(/\/+/g, '/').replace(/\/$/, '')}`);
    const entry = fc.record({ name, content: fc.uint8Array({ maxLength: 1100 }).map((bytes) => Buffer.from(bytes)) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), (entries) => {
        expect(readTar(writeTar(entries, NOW))).toEqual(entries);
      }),
    );
  });

  test('a binary file is itself again', () => {
    const { stdout } = run(['cf', '-', 'x'], { '/x': '\udcffELF' });
    expect(readTar(bytesOf(stdout))[0]!.content).toEqual(Buffer.from([0xff, 0x45, 0x4c, 0x46]));
  });
});
