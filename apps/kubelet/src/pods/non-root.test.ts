import { expect, test } from 'vitest';
import type { Container, Pod, PodSpec } from '@pilothouse/api';
import { nonRootProblem } from './non-root.ts';

function problem(container: Partial<Container>, securityContext?: PodSpec['securityContext']): string | undefined {
  const main: Container = { name: 'main', image: 'nginx', ...container };
  const pod: Pod = {
    metadata: { name: 'web', namespace: 'default', uid: 'u' },
    spec: { containers: [main], ...(securityContext ? { securityContext } : {}) },
  };
  return nonRootProblem(pod, main);
}

const AS_ROOT = 'container has runAsNonRoot and image will run as root (pod: "web_default(u)", container: main)';
const BROKEN = 'container\'s runAsUser breaks non-root policy (pod: "web_default(u)", container: main)';

test.each<[string, Parameters<typeof problem>, string | undefined]>([
  ['nothing asked for', [{}], undefined],
  ['an image that runs as root', [{ securityContext: { runAsNonRoot: true } }], AS_ROOT],
  ['the same, said of the pod', [{}, { runAsNonRoot: true }], AS_ROOT],
  ['the container knows better', [{ securityContext: { runAsNonRoot: false } }, { runAsNonRoot: true }], undefined],
  ['root by number', [{ securityContext: { runAsNonRoot: true, runAsUser: 0 } }], BROKEN],
  ['another user', [{ securityContext: { runAsUser: 1000 } }, { runAsNonRoot: true }], undefined],
  ['an unknown image', [{ image: 'example.com/app', securityContext: { runAsNonRoot: true } }], undefined],
])('%s', (_, given, expected) => {
  expect(problem(...given)).toBe(expected);
});
