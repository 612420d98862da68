import { expect } from 'vitest';
import { eventually, type Story } from './story.ts';
import type { Json } from './api.ts';

/** The image whose program plays most parts of the stories about pods. */
export const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53';
export const BUSYBOX = 'registry.k8s.io/e2e-test-images/busybox:1.37.0-1';

/** A container that runs a subcommand of agnhost. */
export function agnhost(args: readonly string[], fields: Json = {}): Json {
  return { name: 'c', image: AGNHOST, args, ...fields };
}

/** A container that runs a script. */
export function script(text: string, fields: Json = {}): Json {
  return { name: 'c', image: BUSYBOX, command: ['/bin/sh', '-c', text], ...fields };
}

/** Creates a pod of one container, which is not restarted. */
export async function createPod(told: Story, container: Json, spec: Json = {}, metadata: Json = {}): Promise<Json> {
  return told.api.create(`${told.in()}/pods`, {
    metadata: { name: told.unique('pod'), ...metadata },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [container], ...spec },
  });
}

/** Waits until the pod is as it should be. */
export function untilPod({ api, in: within }: Story, name: string, check: (pod: Json) => void): Promise<Json> {
  return eventually(async () => {
    const pod = await api.get(`${within()}/pods/${name}`);
    check(pod);
    return pod;
  }, 100_000);
}

export function untilPhase(told: Story, name: string, phase: string): Promise<Json> {
  return untilPod(told, name, ({ status }) => expect(status.phase, JSON.stringify(status)).toBe(phase));
}

/** A pod that runs, and is ready. */
export async function runPod(told: Story, container: Json, spec: Json = {}, metadata: Json = {}): Promise<Json> {
  const { metadata: created } = await createPod(told, container, spec, metadata);
  return untilPod(told, created.name, ({ status }) => {
    const ready = status.conditions?.find(({ type }: Json) => type === 'Ready');
    expect(ready?.status, JSON.stringify(status)).toBe('True');
  });
}

export async function logOf({ api, in: within }: Story, name: string, query = ''): Promise<string> {
  return (await api.send('GET', `${within()}/pods/${name}/log${query}`)).text;
}

/** What a pod of this container says before it ends well. */
export async function outputOf(told: Story, container: Json, spec: Json = {}, metadata: Json = {}): Promise<string> {
  const { metadata: created } = await createPod(told, container, spec, metadata);
  await untilPhase(told, created.name, 'Succeeded');
  return logOf(told, created.name);
}

/** What a command prints in a running container. */
export function exec(told: Story, name: string, command: string, container = 'c'): Promise<string> {
  return told.kubectl(`exec ${name} -c ${container} -- sh -c '${command}'`);
}
