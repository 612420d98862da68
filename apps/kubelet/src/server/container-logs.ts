import { findLogged } from './find-container.ts';
import { LogReader } from './log-reader.ts';
import { parseLogOptions } from './log-options.ts';
import { sendText } from './route.ts';
import type { Route } from './route.ts';

/** `GET /containerLogs/<namespace>/<pod>/<container>`: `kubectl logs`. */
export const containerLogs: Route = {
  method: 'GET',
  path: /^\/containerLogs\/([^/]+)\/([^/]+)\/([^/]+)$/,
  serve({ params: [namespace = '', pod = '', name = ''], query, response, services }) {
    const options = parseLogOptions(query, services.clock.now());
    const found = findLogged(services, namespace, pod, name, options.previous);
    if ('lostId' in found) return sendText(response, `unable to retrieve container logs for ${found.lostId}`);
    const { log } = found;
    const reader = new LogReader(log, options);
    response.writeHead(200, { 'content-type': 'text/plain' });
    const pump = (): void => {
      const text = reader.read();
      if (text !== '') response.write(text);
      if (!reader.done) return;
      unfollow();
      response.end();
    };
    const unfollow = log.follow(pump);
    response.on('close', unfollow);
    // The headers go out even while there is nothing to say yet.
    response.flushHeaders();
    pump();
  },
};
