import { binaryFromDebian } from './debian-package.mjs';
import { SetupError } from './fail.mjs';
import { isExecutable, onPath } from './paths.mjs';

/** `ETCD_BINARY`, else the PATH, else Debian's package. */
export function findEtcd() {
  const chosen = process.env.ETCD_BINARY;
  if (chosen) {
    if (!isExecutable(chosen)) throw new SetupError(`ETCD_BINARY=${chosen} is not an executable file`);
    return chosen;
  }
  const found = onPath('etcd')[0] ?? binaryFromDebian('etcd-server', 'etcd');
  if (found) return found;
  throw new SetupError(
    'etcd is missing and could not be fetched: install it (apt-get install etcd-server, brew install etcd, or ' +
      'https://github.com/etcd-io/etcd/releases) and put it on the PATH, or set ETCD_BINARY to it',
  );
}
