import { serveHealth, type HealthStatus } from '../../grpc-health.ts';
import { textResponse } from '../../simulated-http.ts';
import { serve, write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { flagsOf } from './program-flags.ts';

/** `agnhost grpc-health-checking`: a gRPC server that says how it is, and an HTTP one to make it well and ill. */
export function* grpcHealthChecking(args: readonly string[], context: ProcessContext): Process {
  const flags = flagsOf(args);
  const port = Number(flags.get('port') ?? 5000);
  const httpPort = Number(flags.get('http-port') ?? 8080);
  const unhealthyAfterSeconds = Number(flags.get('delay-unhealthy-seconds') ?? -1);
  const startedAtMs = context.now().getTime();
  let told: HealthStatus | undefined;
  const status = (): HealthStatus => {
    const seconds = (context.now().getTime() - startedAtMs) / 1000;
    const isOver = unhealthyAfterSeconds >= 0 && seconds >= unhealthyAfterSeconds;
    return told ?? (isOver ? 'NOT_SERVING' : 'SERVING');
  };
  context.listen?.(port, serveHealth(status));
  context.listen?.(httpPort, ({ target }) => {
    const path = target.split('?')[0];
    if (path === '/make-serving') told = 'SERVING';
    else if (path === '/make-not-serving') told = 'NOT_SERVING';
    else return textResponse('404 page not found\n', 404);
    return textResponse('');
  });
  yield* write(`Http server starting to listen on :${httpPort}\ngRPC server starting to listen on :${port}\n`);
  return yield* serve();
}
