import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataDir } from '../data-dir/data-dir.ts';
import { readFlags } from '../flags.ts';
import { UserError } from '../user-error.ts';

/** Copies the administrator's kubeconfig into a directory and gives it to whom the directory belongs. */
export async function publishKubeconfig(args: readonly string[]): Promise<number> {
  const { values } = readFlags(args, { 'data-dir': { type: 'string' }, to: { type: 'string' } });
  if (!values.to) throw new UserError('--to is needed: the directory for admin.conf');
  const target = join(values.to, 'admin.conf');
  const partial = `${target}.partial`;
  const { uid, gid } = statSync(values.to);
  writeFileSync(partial, readFileSync(DataDir.from(values['data-dir']).kubeconfig), { mode: 0o600 });
  chownSync(partial, uid, gid);
  renameSync(partial, target);
  return 0;
}
