import { bytesOf } from './shell/byte-text.ts';

export interface FileAttributes {
  /** Permission bits, with set-group-ID and sticky: 0o644, 0o2775, 0o1777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What `stat` says of a file or a directory. */
export interface FileInfo extends FileAttributes {
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
  readonly fsType: FileSystemType;
}

/** As `mount` calls them: memory, a disk of the node, and a container's own layers. */
export type FileSystemType = 'tmpfs' | 'ext4' | 'overlay';

interface Entry extends FileAttributes {
  /** Undefined for a directory. */
  readonly text?: string;
}

const ROOT: FileAttributes = { mode: 0o755, uid: 0, gid: 0 };
const SET_GROUP_ID = 0o2000;

/**
 * Files and directories of one volume, or of a container itself, by path inside it (`etc/hosts`; empty for its root).
 * A directory that holds something is there without having been made. Modes and owners are kept and shown, not enforced.
 */
export class FileTree {
  readonly fsType: FileSystemType;
  root: FileAttributes;
  readonly #entries = new Map<string, Entry>();

  constructor(fsType: FileSystemType = 'overlay', root: FileAttributes = ROOT) {
    this.fsType = fsType;
    this.root = root;
  }

  /** Files and directories that somebody made. */
  get size(): number {
    return this.#entries.size;
  }

  read(path: string): string | undefined {
    return this.#entries.get(path)?.text;
  }

  /** What exists keeps its mode and owner; a new file in a set-group-ID tree belongs to the tree's group. */
  write(path: string, text: string, { mode, uid, gid }: FileAttributes): void {
    const before = this.#entries.get(path);
    this.#entries.set(path, { ...(before ?? { mode, uid, gid: this.#groupOfNew(gid) }), text });
  }

  /** With mode and owner as given, whatever was there. */
  put(path: string, text: string, attributes: FileAttributes): void {
    this.#entries.set(path, { ...attributesOf(attributes), text });
  }

  makeDirectory(path: string, { mode, uid, gid }: FileAttributes): void {
    if (path !== '' && !this.info(path)) this.#entries.set(path, { mode, uid, gid: this.#groupOfNew(gid) });
  }

  remove(path: string): boolean {
    return this.#entries.delete(path);
  }

  change(path: string, attributes: Partial<FileAttributes>): void {
    if (path === '') this.root = { ...this.root, ...attributes };
    else this.#entries.set(path, { ...(this.#entries.get(path) ?? ROOT), ...attributes });
  }

  info(path: string): FileInfo | undefined {
    const entry = this.#entries.get(path);
    const { fsType } = this;
    if (entry?.text !== undefined)
      return { ...attributesOf(entry), isDirectory: false, sizeBytes: bytesOf(entry.text).length, fsType };
    const attributes = path === '' ? this.root : (entry ?? (this.#holds(path) ? this.#impliedDirectory() : undefined));
    return attributes && { ...attributesOf(attributes), isDirectory: true, sizeBytes: 4096, fsType };
  }

  files(): string[] {
    return [...this.#entries].filter(([, { text }]) => text !== undefined).map(([path]) => path);
  }

  /** Files and directories that somebody made. */
  paths(): Iterable<string> {
    return this.#entries.keys();
  }

  #holds(path: string): boolean {
    for (const each of this.#entries.keys()) if (each.startsWith(`${path}/`)) return true;
    return false;
  }

  #impliedDirectory(): FileAttributes {
    return { ...this.root, mode: (this.root.mode & SET_GROUP_ID) | 0o755 };
  }

  #groupOfNew(gid: number): number {
    return this.root.mode & SET_GROUP_ID ? this.root.gid : gid;
  }
}

function attributesOf({ mode, uid, gid }: FileAttributes): FileAttributes {
  return { mode, uid, gid };
}
