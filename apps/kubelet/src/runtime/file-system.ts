/** What a volume holds, by path inside it; shared by all containers that mount it. */
export interface VolumeContents {
  readonly files: Map<string, string>;
}

export interface FileMount {
  /** Absolute, without a slash at its end. */
  readonly path: string;
  readonly contents: VolumeContents;
  /** The file or directory of the volume that is mounted; empty for all of it. */
  readonly subPath: string;
  readonly readOnly: boolean;
}

/** Directories that are there without anybody having made them. */
const ROOT = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var'];

/** The files of one container: its own, and those of the volumes that it mounts. Paths are absolute and resolved. */
export class FileSystem {
  readonly #own: Map<string, string>;
  readonly #mounts: readonly FileMount[];
  readonly #made = new Set<string>();

  constructor(own: Readonly<Record<string, string>> = {}, mounts: readonly FileMount[] = []) {
    this.#own = new Map(Object.entries(own));
    // A mount inside another hides what that has there.
    this.#mounts = mounts.toSorted((a, b) => b.path.length - a.path.length);
  }

  read(path: string): string | undefined {
    const { files, inner } = this.#locate(path);
    return files.get(inner);
  }

  /** False where the file system is read-only. */
  write(path: string, text: string): boolean {
    const { files, inner, readOnly } = this.#locate(path);
    if (!readOnly) files.set(inner, text);
    return !readOnly;
  }

  remove(path: string): boolean {
    const { files, inner, readOnly } = this.#locate(path);
    return !readOnly && files.delete(inner);
  }

  makeDirectory(path: string): void {
    this.#made.add(path);
  }

  removeDirectory(path: string): void {
    this.#made.delete(path);
  }

  list(): string[] {
    const mounted = this.#mounts.flatMap(({ path, subPath, contents }) =>
      [...contents.files.keys()].flatMap((inner) => {
        if (subPath === '') return [`${path}/${inner}`];
        if (inner === subPath) return [path];
        return inner.startsWith(`${subPath}/`) ? [path + inner.slice(subPath.length)] : [];
      }),
    );
    return [...new Set([...this.#own.keys(), ...mounted])];
  }

  /** The names in a directory, sorted; undefined where there is none. */
  listDirectory(path: string): string[] | undefined {
    const prefix = path === '/' ? '/' : `${path}/`;
    const places = [...this.list(), ...this.#made, ...this.#mounts.map((mount) => mount.path)];
    const inside = places
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length).split('/')[0]!);
    const root = path === '/' ? ROOT : [];
    const isKnown = path === '/' || ROOT.includes(path.slice(1)) || this.#made.has(path) || this.#isMountPoint(path);
    return inside.length === 0 && !isKnown ? undefined : [...new Set([...root, ...inside])].sort();
  }

  #isMountPoint(path: string): boolean {
    return this.#mounts.some((mount) => mount.path === path && !mount.contents.files.has(mount.subPath));
  }

  #locate(path: string): { files: Map<string, string>; inner: string; readOnly: boolean } {
    for (const { path: mountPath, contents, subPath, readOnly } of this.#mounts) {
      if (path === mountPath) return { files: contents.files, inner: subPath, readOnly };
      if (!path.startsWith(`${mountPath}/`)) continue;
      const rest = path.slice(mountPath.length + 1);
      return { files: contents.files, inner: subPath === '' ? rest : `${subPath}/${rest}`, readOnly };
    }
    return { files: this.#own, inner: path, readOnly: false };
  }
}
