import type { ExecAction, GRPCAction, HTTPGetAction, SleepAction, TCPSocketAction } from '@pilothouse/api';
import { runDetached } from '../detached-process.ts';
import { askHealth } from '../grpc-health.ts';
import type { Simulation } from '../simulation.ts';
import type { ProbeTarget } from './probe-target.ts';

/** A probe or a lifecycle handler: one of these is set. */
export interface Handler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
  readonly sleep?: SleepAction;
}

export type HandlerOutcome =
  | { readonly result: 'success' }
  | { readonly result: 'failure'; readonly message: string }
  /** The simulation can not tell. */
  | { readonly result: 'unknown' };

const SUCCESS: HandlerOutcome = { result: 'success' };
const UNKNOWN: HandlerOutcome = { result: 'unknown' };

/** Carries a handler out in a container; `done` may be called before this returns. The result cancels it. */
export function runHandler(
  handler: Handler,
  { key, timeoutMs, target }: { readonly key: string; readonly timeoutMs: number; readonly target: ProbeTarget },
  simulation: Simulation,
  done: (outcome: HandlerOutcome) => void,
): () => void {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const { timers, clock, speed } = simulation;
  if (exec) {
    const command = exec.command ?? [];
    return runDetached(
      {
        key,
        process: target.spawn(command),
        timeoutMs,
        onEnd: (result) => {
          if (result.type === 'unknown') return done(UNKNOWN);
          if (result.type === 'exited' && result.exitCode === 0) return done(SUCCESS);
          const message =
            result.type === 'exited'
              ? result.output
              : `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`;
          done({ result: 'failure', message });
        },
      },
      simulation,
    );
  }
  if (sleep) {
    timers.set(key, clock.monotonicMs() + (sleep.seconds * 1000) / speed, () => done(SUCCESS));
    return () => timers.cancel(key);
  }
  if (httpGet) done(httpOutcome(httpGet, target));
  else if (tcpSocket) done(tcpOutcome(tcpSocket, target));
  else done(grpc ? grpcOutcome(grpc, target, timeoutMs) : UNKNOWN);
  return () => {};
}

/** Anything from 200 to 399 is good. */
function httpOutcome(
  { host, port, path = '/', scheme, httpHeaders }: HTTPGetAction,
  target: ProbeTarget,
): HandlerOutcome {
  const address = host || target.podIP;
  const number = target.portNumber(port);
  const serve = target.dial(address, number);
  if (!serve) {
    if (target.isOpaque || address !== target.podIP) return UNKNOWN;
    const url = `${(scheme ?? 'HTTP').toLowerCase()}://${address}:${number}${path}`;
    return { result: 'failure', message: `Get "${url}": dial tcp ${address}:${number}: connect: connection refused` };
  }
  const headers = Object.fromEntries((httpHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]));
  const { status } = serve({ method: 'GET', target: path.startsWith('/') ? path : `/${path}`, headers, body: '' });
  return status >= 200 && status < 400
    ? SUCCESS
    : { result: 'failure', message: `HTTP probe failed with statuscode: ${status}` };
}

function tcpOutcome({ host, port }: TCPSocketAction, target: ProbeTarget): HandlerOutcome {
  const address = host || target.podIP;
  const number = target.portNumber(port);
  if (target.dial(address, number)) return SUCCESS;
  if (target.isOpaque || address !== target.podIP) return UNKNOWN;
  return { result: 'failure', message: `dial tcp ${address}:${number}: connect: connection refused` };
}

/** The texts are those of upstream's pkg/probe/grpc. Who does not speak gRPC lets the connection wait. */
function grpcOutcome({ port, service }: GRPCAction, target: ProbeTarget, timeoutMs: number): HandlerOutcome {
  const serve = target.dial(target.podIP, port);
  if (!serve && target.isOpaque) return UNKNOWN;
  const answer = serve && askHealth(serve, service ?? '');
  switch (answer) {
    case 'SERVING':
      return SUCCESS;
    case 'NOT_SERVING':
      return { result: 'failure', message: `service unhealthy (responded with "${answer}")` };
    case 'unknown service': {
      const error = 'rpc error: code = NotFound desc = unknown service';
      return { result: 'failure', message: `error: health rpc probe failed: ${error}` };
    }
    case undefined: {
      const waited = `${target.podIP}:${port}" within ${timeoutMs / 1000}s`;
      const message = `timeout: failed to connect service "${waited}: context deadline exceeded`;
      return { result: 'failure', message };
    }
  }
}
