import { describe, expect, test } from 'vitest';
import { formatImageReference, imageProblem, parseImageReference } from './image-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('an image name', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['team/app', 'docker.io/team/app:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['localhost/app:1', 'localhost/app:1'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry.k8s.io/e2e-test-images/agnhost:2.53', 'registry.k8s.io/e2e-test-images/agnhost:2.53'],
    [`ghcr.io/x/y@${DIGEST}`, `ghcr.io/x/y@${DIGEST}`],
    [`ghcr.io/x/y:1@${DIGEST}`, `ghcr.io/x/y:1@${DIGEST}`],
  ])('%s is %s', (name, reference) => {
    expect(formatImageReference(parseImageReference(name)!)).toBe(reference);
  });

  test.each(['', 'UPPER', 'a b', 'nginx:', 'https://host/x', ':tag', 'x@sha256:short', 'a//b', '-x'])(
    '%j is none',
    (name) => {
      expect(parseImageReference(name)).toBeUndefined();
    },
  );

  test.each([
    ['nginx:invalid', 'not-found'],
    ['invalid-image', 'not-found'],
    ['registry.invalid/app', 'unknown-host'],
    ['nginx:1', undefined],
  ])('%s has the problem %s', (name, problem) => {
    expect(imageProblem(parseImageReference(name)!)).toBe(problem);
  });
});
