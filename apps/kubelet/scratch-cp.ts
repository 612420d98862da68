import { startApiserver } from '@pilothouse/testing';
import { writeFileSync } from 'node:fs';
const a = await startApiserver({ users: [{ name: 'kubelet', user: 'pilothouse:kubelet', groups: ['system:masters'] }], flags: process.argv.slice(2) });
writeFileSync('/tmp/kt/env', `export KUBECONFIG=${a.kubeconfig('admin')}\nexport KUBELETCONFIG=${a.kubeconfig('kubelet')}\nexport PKI=${a.pki.dir}\n`);
console.log('up', a.server);
process.on('SIGTERM', async () => { await a.stop(); process.exit(0); });
setInterval(() => {}, 1e6);
