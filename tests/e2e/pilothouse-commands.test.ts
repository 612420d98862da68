import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NpmStart } from './npm-start.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'apps', 'pilothouse', 'src', 'main.ts');

let cluster: NpmStart;
beforeAll(async () => {
  cluster = await NpmStart.ready({ nodes: 2 });
});
afterAll(() => cluster.remove());

function pilothouse(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: (stdout + stderr).trim() });
    });
  });
}

describe('pilothouse', () => {
  it('status shows every process and the nodes', async () => {
    const { code, output } = await pilothouse('status', '--data-dir', cluster.dataDir);
    expect(code).toBe(0);
    for (const [name, pid] of Object.entries(cluster.processes())) {
      expect(output).toMatch(new RegExp(`^${name} +${pid} +ok `, 'm'));
    }
    expect(output).toContain(
      `2 of 2 nodes Ready · https://127.0.0.1:${cluster.port} · KUBECONFIG=${cluster.kubeconfig}`,
    );
  });

  it('certs shows when each certificate ends', async () => {
    const { output } = await pilothouse('certs', '--data-dir', cluster.dataDir);
    expect(output).toMatch(/^apiserver +kubernetes +20\d\d-.* 364 days$/m);
    expect(output).toMatch(/^admin\.conf +kubernetes /m);
  });

  it('etcd snapshot save writes a snapshot that its status finds whole', async () => {
    const file = join(cluster.dataDir, 'snapshot.db');
    const saved = await pilothouse('etcd', 'snapshot', 'save', file, '--data-dir', cluster.dataDir);
    expect(saved).toMatchObject({ code: 0, output: expect.stringMatching(/sha256 [0-9a-f]{64}$/) });
    expect(await pilothouse('etcd', 'snapshot', 'status', file)).toEqual(saved);
    rmSync(file);
  });

  it('etcd status shows the revision', async () => {
    const { output } = await pilothouse('etcd', 'status', '--data-dir', cluster.dataDir);
    expect(output).toMatch(/^etcd \d+\.\d+\.\d+ · revision \d+ · /);
  });

  it('down stops the cluster, and once more says that nothing runs', async () => {
    expect(await pilothouse('down', '--data-dir', cluster.dataDir)).toEqual({ code: 0, output: 'Stopped' });
    expect(await cluster.exited()).toBe(0);
    const again = await pilothouse('down', '--data-dir', cluster.dataDir);
    expect(again).toEqual({ code: 0, output: `Nothing runs for ${cluster.dataDir}` });
    expect((await pilothouse('status', '--data-dir', cluster.dataDir)).code).toBe(1);
  });

  it('refuses a command that there is not', async () => {
    const { code, output } = await pilothouse('nonsense');
    expect(code).toBe(1);
    expect(output).toContain('error: unknown command nonsense');
  });
});
