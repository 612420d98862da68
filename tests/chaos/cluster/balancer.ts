import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ComponentProcess } from './component-process.ts';

const CONFIG = join(import.meta.dirname, '..', '..', '..', 'deploy', 'haproxy', 'haproxy.cfg');

export interface BalancerPorts {
  readonly listen: number;
  readonly apiservers: readonly [number, number];
}

export function haproxyIsInstalled(): boolean {
  return spawnSync('haproxy', ['-v']).status === 0;
}

/** HAProxy with the very configuration that is deployed; only addresses are others. */
export function haproxy(directory: string, ports: BalancerPorts): ComponentProcess {
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(file, onLoopback(readFileSync(CONFIG, 'utf8'), ports));
  return new ComponentProcess('haproxy', 'haproxy', ['-db', '-f', file]);
}

/** For a machine without HAProxy: the same checks and the same behaviour, in a process of its own. */
export function ownBalancer({ listen, apiservers }: BalancerPorts): ComponentProcess {
  const main = join(import.meta.dirname, 'own-balancer.ts');
  return new ComponentProcess('balancer', process.execPath, [main, String(listen), ...apiservers.map(String)]);
}

function onLoopback(config: string, { listen, apiservers }: BalancerPorts): string {
  return config
    .replace('bind :6443', `bind 127.0.0.1:${listen}`)
    .replace('apiserver-1:6443', `127.0.0.1:${apiservers[0]}`)
    .replace('apiserver-2:6443', `127.0.0.1:${apiservers[1]}`)
    .replace(' init-addr last,libc,none resolvers docker', '')
    .replace(/resolvers docker\n(?: {4}.*\n)+/, '')
    .replace(/frontend health\n(?: {4}.*\n)+/, '')
    .replace(/frontend metrics\n(?: {4}.*\n)+/, '');
}
