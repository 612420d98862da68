import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { COMPILE_CACHE, REPOSITORY } from '../repository.ts';
import { readFlags } from '../flags.ts';
import { findTool } from '../envtest/find-tool.ts';
import { launcherScript } from '../envtest/launcher-script.ts';

const HELP = `Makes a folder with kube-apiserver, etcd and kubectl, as controller-runtime's envtest expects it, and prints its path:

  export KUBEBUILDER_ASSETS="$(npx pilothouse envtest)"
  go test ./...

  --dir <path>      the folder (default .cache/envtest in the checkout)
  --etcd <file>     the etcd binary (default $PILOTHOUSE_ETCD, else etcd on the PATH)
  --kubectl <file>  the kubectl binary (default kubectl on the PATH; left out when there is none)
`;

export function envtest(args: readonly string[]): number {
  const { values } = readFlags(args, {
    dir: { type: 'string', default: join(REPOSITORY, '.cache', 'envtest') },
    etcd: { type: 'string', default: process.env['PILOTHOUSE_ETCD'] ?? 'etcd' },
    kubectl: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const directory = resolve(values.dir);
  const etcd = findTool(values.etcd, '--etcd');
  const kubectl = values.kubectl === undefined ? findTool('kubectl') : findTool(values.kubectl, '--kubectl');
  mkdirSync(directory, { recursive: true });
  link(etcd!, join(directory, 'etcd'));
  if (kubectl) link(kubectl, join(directory, 'kubectl'));
  const apiserver = join(directory, 'kube-apiserver');
  const main = join(REPOSITORY, 'apps', 'apiserver', 'src', 'main.ts');
  writeFileSync(apiserver, launcherScript(process.execPath, main, { NODE_COMPILE_CACHE: COMPILE_CACHE }));
  chmodSync(apiserver, 0o755);
  process.stdout.write(`${directory}\n`);
  return 0;
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
