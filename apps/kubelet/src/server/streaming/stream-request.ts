import { findPod, findRunning } from '../find-container.ts';
import { HttpError } from '../http-error.ts';
import type { ServerServices } from '../route.ts';
import type { ExpectedStreams, RemoteStreams } from './remote-streams.ts';
import { runAttach } from './run-attach.ts';
import { runExec } from './run-exec.ts';

/** What a streaming request is about; checked before the connection is upgraded, so that refusals are plain answers. */
export interface StreamRequest extends ExpectedStreams {
  readonly tty: boolean;
  /** Resolves when the pod is as a person expects to find it; the connection is upgraded after that. */
  prepare(): Promise<void>;
  start(streams: RemoteStreams): void;
}

const EXEC = /^\/exec\/([^/]+)\/([^/]+)(?:\/[^/]+)?\/([^/]+)$/;
const ATTACH = /^\/attach\/([^/]+)\/([^/]+)(?:\/[^/]+)?\/([^/]+)$/;

/** Undefined when the path is neither exec nor attach. */
export function parseStreamRequest(
  path: string,
  query: URLSearchParams,
  services: ServerServices,
): StreamRequest | undefined {
  const exec = EXEC.exec(path);
  const match = exec ?? ATTACH.exec(path);
  if (!match) return undefined;
  const [, namespace = '', pod = '', name = ''] = match.map((part) => decodeURIComponent(part));
  // The kubelet's own names first; a caller that passes on PodExecOptions uses the API's.
  const flag = (...names: string[]): boolean => names.some((each) => ['1', 'true'].includes(query.get(each) ?? ''));
  const [stdin, stdout, tty] = [flag('input', 'stdin'), flag('output', 'stdout'), flag('tty')];
  const stderr = flag('error', 'stderr') && !tty;
  if (!stdin && !stdout && !stderr) throw new HttpError(400, 'you must specify at least 1 of stdin, stdout, stderr');
  const command = query.getAll('command');
  if (exec && command.length === 0) throw new HttpError(400, 'you must provide at least 1 command');
  const container = findRunning(services, namespace, pod, name);
  return {
    stdin,
    stdout,
    stderr,
    tty,
    prepare: () => findPod(services, namespace, pod).showFiles(),
    start: (streams) =>
      exec
        ? runExec({ container, command, stdin, tty }, streams, services.clock)
        : runAttach({ container, stdin, tty }, streams),
  };
}
