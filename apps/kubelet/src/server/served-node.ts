import type { IncomingMessage } from 'node:http';
import type { ServerServices } from './route.ts';

/**
 * Which node a request is for, where the path does not say: the one whose address was called (`--node-ip` with a
 * range gives each its own), the one named by `?node=`, or, in a process with one node, that. Undefined means all.
 */
export function servedNode(
  request: IncomingMessage,
  query: URLSearchParams,
  { fleet }: ServerServices,
): string | undefined {
  const agents = fleet.list();
  const named = query.get('node');
  if (named !== null) return named;
  const called = request.socket.localAddress?.replace(/^::ffff:/, '');
  const addressed = agents.filter(({ spec }) => called !== undefined && spec.addresses.includes(called));
  return addressed.length === 1 ? addressed[0]!.nodeName : undefined;
}
