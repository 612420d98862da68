import type { Pod } from '@pilothouse/api';
import type { HttpHandler } from '../../runtime/simulated-http.ts';
import { isOpenPort } from '../../runtime/open-ports.ts';
import { SimulatedService } from './simulated-service.ts';
import type { SpdyConnection } from './spdy/spdy-connection.ts';

export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';

/** The simulated program at a port of the pod, if one listens there. */
export type PortListener = (port: number) => HttpHandler | undefined;

/** One direction-less half of a forwarded connection, data or errors, over whichever protocol. */
export interface ForwardStream {
  write(chunk: Buffer): void;
  end(): void;
  onData: (chunk: Buffer) => void;
  onEnd: () => void;
}

/** `kubectl port-forward`: for every connection to the local port the client opens a data and an error stream. */
export function runPortForward(pod: Pod, connection: SpdyConnection, listener: PortListener): void {
  const halves = new Map<string, { data?: ForwardStream; error?: ForwardStream }>();
  connection.onStream = (stream) => {
    const { headers } = stream;
    const id = headers.get('requestid') ?? headers.get('port') ?? '';
    const pair = halves.get(id) ?? {};
    halves.set(id, pair);
    pair[headers.get('streamtype') === 'error' ? 'error' : 'data'] = stream;
    if (!pair.data || !pair.error) return;
    halves.delete(id);
    forward(pod, Number(headers.get('port')), listener, pair.data, pair.error);
  };
}

/** Joins a connection to what answers on the port of the pod, or says why nothing does. */
export function forward(
  pod: Pod,
  port: number,
  listener: PortListener,
  data: ForwardStream,
  error: ForwardStream,
): void {
  const handler = listener(port);
  if (!handler && !isOpenPort(pod, port)) {
    const why = `failed to connect to localhost:${port} inside the pod: dial tcp4 127.0.0.1:${port}: connect: connection refused`;
    error.write(
      Buffer.from(
        `an error occurred forwarding ${port} -> ${port}: error forwarding port ${port} to pod ${pod.metadata.uid}, uid : ${why}`,
      ),
    );
    error.end();
    data.end();
    return;
  }
  const service = new SimulatedService(pod, port, handler);
  data.onData = (chunk) => data.write(service.receive(chunk));
  data.onEnd = () => {
    data.end();
    error.end();
  };
}
