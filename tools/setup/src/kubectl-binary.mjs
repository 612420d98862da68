import { binaryFromDebian } from './debian-package.mjs';
import { SetupError } from './fail.mjs';
import { onPath } from './paths.mjs';

/** The PATH's, else Debian's (1.20, which is the oldest that we promise to serve). */
export function findKubectl() {
  const found = onPath('kubectl')[0] ?? binaryFromDebian('kubernetes-client', 'kubectl');
  if (found) return found;
  throw new SetupError(
    'kubectl is missing and could not be fetched: install it (https://kubernetes.io/docs/tasks/tools/) and put it on the PATH',
  );
}
