import type { OutgoingHttpHeaders } from 'node:http';
import { serviceUnavailable } from '@pilothouse/apimachinery';
import type { ApiRequest, Upgrade } from '../request.ts';
import type { Backend } from './backend.ts';
import { joinStreams } from './join-streams.ts';
import type { Location } from './kubelet-location.ts';

/**
 * WebSocket and SPDY alike: the upgrade goes on to the backend as it came, and from then on bytes flow both ways. Who
 * speaks what is between the client and the kubelet.
 */
export async function tunnelUpgrade(
  request: ApiRequest,
  upgrade: Upgrade,
  backend: Backend,
  location: Location,
  path: string,
  extraHeaders: OutgoingHttpHeaders = {},
): Promise<void> {
  const remote = await backend.connect(location).catch((error: Error) => {
    throw serviceUnavailable(`error dialing backend: ${error.message}`);
  });
  const local = upgrade.hijack();
  remote.write(requestHead(request, location, path, extraHeaders));
  if (upgrade.head.length > 0) remote.write(upgrade.head);
  await joinStreams(local, remote, request.abort.signal);
}

function requestHead(
  request: ApiRequest,
  { host, port }: Location,
  path: string,
  extraHeaders: OutgoingHttpHeaders,
): string {
  const lines = [`${request.method} ${path} HTTP/1.1`, `Host: ${host}:${port}`];
  const raw = request.http.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    // What the filters took away (credentials, who is impersonated) stays away.
    if (name === 'host' || request.headers[name] === undefined) continue;
    lines.push(`${raw[i]}: ${raw[i + 1]}`);
  }
  for (const [name, value] of Object.entries(extraHeaders)) {
    for (const each of [value ?? []].flat()) lines.push(`${name}: ${each}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
