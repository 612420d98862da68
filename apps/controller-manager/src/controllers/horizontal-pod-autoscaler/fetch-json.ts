import { StatusError, type Status } from '@pilothouse/apimachinery';
import type { KubeClient } from '@pilothouse/client';

/** The texts of client-go for answers that do not explain themselves. */
const MEANINGS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  404: ['NotFound', 'the server could not find the requested resource'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
};

/** For paths that are no plain resource: scale subresources and the metrics of adapters. Throws a StatusError. */
export async function fetchJson(
  client: KubeClient,
  method: 'GET' | 'PUT',
  path: string,
  asked: { readonly group: string; readonly resource: string },
  content?: unknown,
): Promise<unknown> {
  const body = content === undefined ? {} : { body: JSON.stringify(content) };
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const answer = await client.raw(method, path, { headers, ...body });
  const text = answer.body.toString();
  const parsed = parse(text);
  if (answer.status < 400 && parsed !== undefined) return parsed;
  const status = parsed as Partial<Status> | undefined;
  if (status?.kind === 'Status') {
    const { message, reason, details } = status;
    throw new StatusError({ message, reason, details, code: answer.status });
  }
  const [reason, message] = MEANINGS[answer.status] ?? ['Unknown', text.trim() || `status ${answer.status}`];
  const what = asked.group ? `${asked.resource}.${asked.group}` : asked.resource;
  throw new StatusError({ code: answer.status, reason, message: `${message} (${method.toLowerCase()} ${what})` });
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
