import { FileTree } from './file-tree.ts';
import type { FileAttributes, FileInfo } from './file-tree.ts';

export interface FileMount {
  /** Absolute, without a slash at its end; empty for the root. */
  readonly path: string;
  readonly tree: FileTree;
  /** The file or directory of the volume that is mounted; empty for all of it. */
  readonly subPath: string;
  readonly readOnly: boolean;
}

export interface FileSystemOptions {
  /** The container's own files, by absolute path. */
  readonly own?: Readonly<Record<string, string>>;
  readonly mounts?: readonly FileMount[];
  /** `readOnlyRootFilesystem`. */
  readonly readOnlyRoot?: boolean;
  /** To whom new files belong. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Directories that are there without anybody having made them. */
const ROOT = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var'];
/** What the runtime mounts over a root that may be read-only. */
const RUNTIME_FILES = ['dev', 'etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'proc', 'sys'];

/** The files of one container: its own, and those of the volumes that it mounts. Paths are absolute and resolved. */
export class FileSystem {
  /** The deepest first: a mount inside another hides what that has there. */
  readonly #mounts: readonly FileMount[];
  readonly #readOnlyRoot: boolean;
  readonly #user: { readonly uid: number; readonly gid: number };

  constructor({ own = {}, mounts = [], readOnlyRoot = false, user = { uid: 0, gid: 0 } }: FileSystemOptions = {}) {
    const root = new FileTree();
    for (const [path, text] of Object.entries(own)) root.put(path.slice(1), text, { mode: 0o644, uid: 0, gid: 0 });
    const rootMount = { path: '', tree: root, subPath: '', readOnly: false };
    this.#mounts = [...mounts, rootMount].toSorted((a, b) => b.path.length - a.path.length);
    this.#readOnlyRoot = readOnlyRoot;
    this.#user = user;
  }

  read(path: string): string | undefined {
    const { tree, inner } = this.#locate(path);
    return tree.read(inner);
  }

  /** False where the file system is read-only. `mode` is that of a new file. */
  write(path: string, text: string, mode = 0o644): boolean {
    const { tree, inner, readOnly } = this.#locate(path);
    if (!readOnly) tree.write(inner, text, { mode, ...this.#user });
    return !readOnly;
  }

  remove(path: string): boolean {
    const { tree, inner, readOnly } = this.#locate(path);
    return !readOnly && tree.remove(inner);
  }

  /** False where the file system is read-only. */
  makeDirectory(path: string): boolean {
    const { tree, inner, readOnly } = this.#locate(path);
    if (!readOnly) tree.makeDirectory(inner, { mode: 0o755, ...this.#user });
    return !readOnly;
  }

  /** False where the file system is read-only. */
  change(path: string, attributes: Partial<FileAttributes>): boolean {
    const { tree, inner, readOnly } = this.#locate(path);
    if (!readOnly) tree.change(inner, attributes);
    return !readOnly;
  }

  /** Undefined where there is nothing. */
  info(path: string): FileInfo | undefined {
    const { tree, inner } = this.#locate(path);
    const found = tree.info(inner);
    if (found) return found;
    const isKnown = ROOT.includes(path.slice(1)) || this.#mounts.some((mount) => mount.path.startsWith(`${path}/`));
    const mode = path === '/tmp' ? 0o1777 : 0o755;
    return isKnown ? { mode, uid: 0, gid: 0, isDirectory: true, sizeBytes: 4096, fsType: tree.fsType } : undefined;
  }

  /** Every file, wherever it comes from. */
  list(): string[] {
    return this.#every((tree) => tree.files());
  }

  /** Every file, and the directories that somebody made. */
  paths(): string[] {
    return this.#every((tree) => [...tree.paths()]);
  }

  /** The names in a directory, sorted; undefined where there is none. */
  listDirectory(path: string): string[] | undefined {
    if (!this.info(path)?.isDirectory) return undefined;
    const prefix = path === '/' ? '/' : `${path}/`;
    const root = path === '/' ? ROOT.map((name) => `/${name}`) : [];
    const places = [...root, ...this.paths(), ...this.#mounts.map((mount) => mount.path)];
    const inside = places
      .filter((place) => place.startsWith(prefix))
      .map((place) => place.slice(prefix.length).split('/')[0]!);
    return [...new Set(inside)].sort();
  }

  #every(pathsOf: (tree: FileTree) => readonly string[]): string[] {
    const found = this.#mounts.flatMap((mount) =>
      pathsOf(mount.tree).flatMap((inner) => {
        const { path, subPath } = mount;
        if (subPath === '') return [`${path}/${inner}`];
        if (inner === subPath) return [path];
        return inner.startsWith(`${subPath}/`) ? [path + inner.slice(subPath.length)] : [];
      }),
    );
    return [...new Set(found)].filter((path) => this.info(path) !== undefined);
  }

  #locate(path: string): { tree: FileTree; inner: string; readOnly: boolean } {
    for (const { path: mountPath, tree, subPath, readOnly } of this.#mounts) {
      if (path === mountPath) return { tree, inner: subPath, readOnly };
      if (!path.startsWith(`${mountPath}/`)) continue;
      const rest = path.slice(mountPath.length + 1);
      const inner = subPath === '' ? rest : rest === '' ? subPath : `${subPath}/${rest}`;
      return { tree, inner, readOnly: mountPath === '' ? this.#isRootReadOnly(rest) : readOnly };
    }
    throw new Error(`not an absolute path: ${path}`);
  }

  #isRootReadOnly(inner: string): boolean {
    return this.#readOnlyRoot && !RUNTIME_FILES.some((path) => inner === path || inner.startsWith(`${path}/`));
  }
}
