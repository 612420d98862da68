import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');

function services(file: string): Record<string, any> {
  return parse(readFileSync(join(ROOT, file), 'utf8'), { merge: true })['services'];
}

const whole = services('docker-compose.yml');
const single = services('deploy/compose/single.yml');

describe('docker-compose.yml', () => {
  it('publishes one port, and that on loopback', () => {
    const published = Object.entries(whole).flatMap(([name, { ports = [] }]) =>
      ports.map((port: string) => [name, port]),
    );
    expect(published).toEqual([['haproxy', '127.0.0.1:${PILOTHOUSE_PORT:-6443}:6443']]);
  });

  it.each(Object.entries(whole))(
    '%s can write to no root file system, gain no rights and use up no machine',
    (_, service) => {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect(service.mem_limit).toBeDefined();
      expect(service.restart).toMatch(/^(unless-stopped|no)$/);
    },
  );

  it('has one container that is root, and that without a network', () => {
    const root = Object.entries(whole).filter(([, { user }]) => user?.startsWith('0'));
    expect(root.map(([name]) => name)).toEqual(['kubeconfig']);
    expect(root[0]![1].network_mode).toBe('none');
  });

  it('pins the images of others', () => {
    for (const { image } of Object.values(whole)) {
      if (!image.includes(':-pilothouse')) expect(image).toMatch(/:-[^:]+:v?\d+\.\d+\.\d+}$/);
    }
  });
});

describe('deploy/compose/single.yml', () => {
  it.each(['apiserver-1', 'scheduler-1', 'controller-manager-1', 'kubelet'])(
    'runs %s with the flags of the whole',
    (name) => {
      // Where there is one of something, nobody elects it, waits for the other, or comes through HAProxy.
      const expected = whole[name].command
        .filter((flag: string) => !flag.startsWith('--shutdown-delay'))
        .map((flag: string) =>
          flag.replace('--leader-elect=true', '--leader-elect=false').replace(/(etcd-1:2379),.*/, '$1'),
        );
      expect(single[name].command).toEqual(expected);
    },
  );
});
