// Starts a kubelet whose nodes keep their names when its container is made anew, however many containers there are.
//
// A container of a scaled Compose service has a random host name, but Compose numbers its name on the network
// (project_kubelet_2, project-kubelet-2), and Docker's name server tells that name for an address. So container 2 plays
// node-2, or with PILOTHOUSE_NODES=10 node-2-1 to node-2-10.
import { resolvePtr } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';

const addresses = Object.values(networkInterfaces()).flat();
const address = addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
// Not `reverse`: that asks /etc/hosts first, which knows only the random name.
const names = await resolvePtr(`${address.split('.').toReversed().join('.')}.in-addr.arpa`).catch(() => []);
const number = names.map((name) => /[-_]kubelet[-_](\d+)(?:\.|$)/.exec(name)?.[1]).find(Boolean) ?? '1';
const nodes = Number(process.env.PILOTHOUSE_NODES ?? 1);

process.argv = [
  process.execPath,
  '/app/bin/main.js',
  ...(nodes > 1 ? [`--nodes=${nodes}`, `--node-name-prefix=node-${number}-`] : [`--hostname-override=node-${number}`]),
  `--node-ip=${address}`,
  ...process.argv.slice(2),
];
await import('/app/bin/main.js');
