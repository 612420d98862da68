import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../user-error.ts';
import { REPOSITORY } from '../repository.ts';

/** Everything a cluster keeps: keys, kubeconfigs, etcd's data, logs, and which ports it chose. */
export class DataDir {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Relative paths are the user's, also when npm has changed the directory. */
  static from(flagValue: string | undefined): DataDir {
    const base = process.env['INIT_CWD'] ?? process.cwd();
    return new DataDir(flagValue === undefined ? join(REPOSITORY, '.pilothouse') : resolve(base, flagValue));
  }

  /** Makes it when it is not there; a path that cannot serve is the user's to mend. */
  prepare(): void {
    try {
      mkdirSync(this.logs, { recursive: true, mode: 0o700 });
      accessSync(this.path, constants.W_OK | constants.X_OK);
      if (!statSync(this.path).isDirectory()) throw new Error('it is not a directory');
    } catch (error) {
      throw new UserError(`data directory ${this.path} cannot be used: ${(error as Error).message}`);
    }
  }

  get lock(): string {
    return join(this.path, 'pilothouse.lock');
  }

  get state(): string {
    return join(this.path, 'state.json');
  }

  get logs(): string {
    return join(this.path, 'logs');
  }

  get etcd(): string {
    return join(this.path, 'etcd');
  }

  get kubeconfig(): string {
    return join(this.path, 'admin.conf');
  }

  log(component: string): string {
    return join(this.logs, `${component}.log`);
  }
}
