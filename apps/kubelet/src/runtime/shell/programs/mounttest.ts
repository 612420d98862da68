import type { FileInfo, FileSystemType } from '../../file-tree.ts';
import { resolvePath } from '../file-path.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext, ProcessStep } from '../process.ts';
import { goModeText } from './file-mode.ts';
import { flagsOf } from './program-flags.ts';

type Telling = Generator<ProcessStep, void, string | undefined>;

/** What `statfs` says a disk and a container's layers are; memory has a name. */
const FS_TYPE: Record<FileSystemType, string> = { tmpfs: 'tmpfs', ext4: '61267', overlay: '2035054128' };
const NEW_FILES = { new_file_0644: 0o644, new_file_0666: 0o666, new_file_0660: 0o660, new_file_0777: 0o777 };

/** `agnhost mounttest`: writes files, and says what is mounted, as tests of volumes read it from the log. */
export function* mounttest(args: readonly string[], context: ProcessContext): Process {
  const flags = flagsOf(args);
  yield* tellInfo(flags.get('fs_type'), context, (path, { fsType }) => `mount type of "${path}": ${FS_TYPE[fsType]}`);
  for (const [flag, mode] of Object.entries(NEW_FILES)) {
    const path = flags.get(flag);
    if (path && !context.files.write(resolvePath('/', path), 'mount-tester new file\n', mode)) {
      yield* write(`error writing new file "${path}": open ${path}: read-only file system\n`);
      return 1;
    }
  }
  yield* tellInfo(
    flags.get('file_perm'),
    context,
    (path, { mode }) => `perms of file "${path}": ${goModeText({ mode: mode & 0o777, isDirectory: false })}`,
  );
  yield* tellInfo(flags.get('file_mode'), context, (path, info) => `mode of file "${path}": ${goModeText(info)}`);
  yield* tellInfo(
    flags.get('file_owner'),
    context,
    (path, { uid, gid }) => `owner UID of "${path}": ${uid}\nowner GID of "${path}": ${gid}`,
  );
  const once = flags.get('file_content');
  if (once) yield* tellContent(once, context);
  const looped = flags.get('file_content_in_loop');
  if (!looped) return 0;
  const untilMs = context.now().getTime() + Number(flags.get('retry_time') ?? 180) * 1000;
  do {
    yield* tellContent(looped, context);
    yield { type: 'sleep', ms: 1000 };
  } while (context.now().getTime() < untilMs);
  return 0;
}

function* tellInfo(
  path: string | undefined,
  { files }: ProcessContext,
  tell: (path: string, info: FileInfo) => string,
): Telling {
  if (!path) return;
  const info = files.info(resolvePath('/', path));
  yield* write(info ? `${tell(path, info)}\n` : `error calling lstat("${path}"): no such file or directory\n`);
}

function* tellContent(path: string, { files }: ProcessContext): Telling {
  const content = files.read(resolvePath('/', path));
  yield* write(
    content === undefined
      ? `error reading file content for "${path}": open ${path}: no such file or directory\n`
      : `content of file "${path}": ${content}\n`,
  );
}
