import { binaryFromDebian } from './debian-package.mjs';
import { SetupError } from './fail.mjs';
import { isExecutable, onPath } from './paths.mjs';

/** `PILOTHOUSE_ETCD`, else the PATH, else Debian's package. */
export function findEtcd() {
  const chosen = process.env.PILOTHOUSE_ETCD;
  if (chosen) {
    if (!isExecutable(chosen)) throw new SetupError(`PILOTHOUSE_ETCD=${chosen} is not an executable file`);
    return chosen;
  }
  const found = onPath('etcd')[0] ?? binaryFromDebian('etcd-server', 'etcd');
  if (found) return found;
  throw new SetupError(
    'etcd is missing and could not be fetched: install it (apt-get install etcd-server, brew install etcd, or ' +
      'https://github.com/etcd-io/etcd/releases) and put it on the PATH, or set PILOTHOUSE_ETCD to it',
  );
}
