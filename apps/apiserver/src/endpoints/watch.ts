import { badRequest } from '@pilothouse/apimachinery';
import { parseResourceVersion } from '@pilothouse/storage';
import { toStatusError } from '../http/respond-error.ts';
import { MEDIA_TYPE } from '../negotiation/media-types.ts';
import { negotiateWatch, OBJECT_OFFER, offerFor } from '../negotiation/negotiate.ts';
import { convertedEvents } from './converted-events.ts';
import { readListParameters } from './list-options.ts';
import { readSelection } from './selection.ts';
import type { Endpoint } from './target.ts';
import { watchEncoder } from './watch-encoder.ts';
import { openWatchStream } from './watch-stream.ts';

/** A watch without a timeout of its own ends after this or up to twice as long, so that clients spread out again. */
export const MIN_REQUEST_TIMEOUT_SECONDS = 1800;

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export const watch: Endpoint = async (request, { resource, served, key }) => {
  const accepted = negotiateWatch(request.headers.accept, offerFor(served, OBJECT_OFFER));
  const parameters = readListParameters(request.query);
  const selection = readSelection(served, request.query);
  // The last thing that is refused by an answer; what goes wrong from here on is told by an event.
  parseResourceVersion(parameters.resourceVersion);
  if (key.name !== '' && selection.byFields && selection.name !== key.name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  }
  const name = key.name || selection.name;
  const timeoutMs = 1000 * (parameters.timeoutSeconds || MIN_REQUEST_TIMEOUT_SECONDS * (1 + Math.random()));
  const timer = setTimeout(() => request.abort.abort(), timeoutMs);
  try {
    const encoder = watchEncoder(request, served, accepted);
    const events = resource.registry.store.watch({
      namespace: key.namespace || (selection.namespace ?? ''),
      resourceVersion: parameters.resourceVersion,
      allowBookmarks: parameters.allowWatchBookmarks,
      signal: request.abort.signal,
      timeoutMs,
      ...(name === undefined || name === '' ? {} : { name }),
      ...(selection.filter && !served.version.remote ? { filter: selection.filter } : {}),
      ...(parameters.sendInitialEvents === undefined ? {} : { sendInitialEvents: parameters.sendInitialEvents }),
    });
    const contentType = `${MEDIA_TYPE[accepted.encoding]}${accepted.encoding === 'protobuf' ? ';stream=watch' : ''}`;
    const stream = await openWatchStream(request, contentType, accepted.encoding === 'json');
    if (!stream) return;
    try {
      for await (const batch of events) {
        const seen = served.version.remote ? await convertedEvents(served, batch, selection) : batch;
        if (seen.length === 0) continue;
        await stream.write(seen.map((event) => encoder.event(event)));
        if (stream.closed) break;
      }
    } catch (error) {
      await stream.write([encoder.error(toStatusError(error).status)]);
    }
    stream.end();
  } finally {
    clearTimeout(timer);
    request.abort.abort();
  }
};
