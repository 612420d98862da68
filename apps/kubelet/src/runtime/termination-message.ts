import type { Container } from '@pilothouse/api';
import type { ContainerLog } from './container-log.ts';
import type { FileSystem } from './file-system.ts';

const MAX_MESSAGE = 4096;
const MAX_LOG_LINES = 80;
const MAX_LOG_LENGTH = 2048;

/**
 * What a container leaves behind: the file it was told to write, or the end of its log if it failed and may.
 * https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
 */
export function terminationMessage(
  { terminationMessagePath = '/dev/termination-log', terminationMessagePolicy }: Container,
  exitCode: number,
  files: FileSystem,
  log: ContainerLog,
): string | undefined {
  const written = files.read(terminationMessagePath);
  if (written || terminationMessagePolicy !== 'FallbackToLogsOnError' || exitCode === 0)
    return written?.slice(0, MAX_MESSAGE);
  return log
    .lines()
    .slice(-MAX_LOG_LINES)
    .map(({ text, complete }) => (complete ? `${text}\n` : text))
    .join('')
    .slice(-MAX_LOG_LENGTH);
}
