import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDir } from './data-dir.ts';
import { lockDataDir, lockOwner } from './lock.ts';
import { identify, isAlive } from './process-identity.ts';
import { readState, writeState } from './state.ts';

let dataDir: DataDir;
beforeEach(() => {
  dataDir = new DataDir(mkdtempSync(join(tmpdir(), 'lock-')));
});
afterEach(() => rmSync(dataDir.path, { recursive: true, force: true }));

describe('lockDataDir', () => {
  it('keeps a second one out until it is released', () => {
    const unlock = lockDataDir(dataDir);
    expect(lockOwner(dataDir)?.pid).toBe(process.pid);
    expect(() => lockDataDir(dataDir)).toThrow(`is in use by process ${process.pid}`);
    unlock();
    expect(existsSync(dataDir.lock)).toBe(false);
    lockDataDir(dataDir)();
  });

  it('is taken over from a process that is gone', () => {
    const { pid } = spawnSync('true');
    writeFileSync(dataDir.lock, JSON.stringify({ pid, startTime: '1' }));
    expect(lockOwner(dataDir)).toBeUndefined();
    lockDataDir(dataDir);
    expect(JSON.parse(readFileSync(dataDir.lock, 'utf8')).pid).toBe(process.pid);
  });

  it('is taken over from a process whose id another has been given since', () => {
    writeFileSync(dataDir.lock, JSON.stringify({ ...identify(process.pid), startTime: '1' }));
    expect(lockOwner(dataDir)).toBeUndefined();
  });

  it('is taken over when it says nothing', () => {
    writeFileSync(dataDir.lock, '');
    lockDataDir(dataDir)();
  });
});

describe('isAlive', () => {
  it('knows this process and not one that has ended', () => {
    expect(isAlive(identify(process.pid))).toBe(true);
    const { pid } = spawnSync('true');
    expect(isAlive({ pid, startTime: '' })).toBe(false);
  });
});

describe('state', () => {
  const ports = { etcdClient: 1, etcdPeer: 2, scheduler: 3, controllerManager: 4, kubelet: 5, kubeletHealth: 6 };

  it('is read back as it was written, and absent at first', () => {
    expect(readState(dataDir)).toBeUndefined();
    const state = {
      server: 'https://127.0.0.1:6443',
      nodes: 3,
      ports,
      metricsServer: true,
      processes: { etcd: identify(process.pid) },
    };
    writeState(dataDir, state);
    expect(readState(dataDir)).toEqual(state);
  });

  it.each(['', '{}', '{"ports":{"etcdClient":1}}', '[]', 'null'])('is broken when the file says %j', (text) => {
    writeFileSync(dataDir.state, text);
    expect(() => readState(dataDir)).toThrow(`data directory ${dataDir.path} is broken`);
  });
});
