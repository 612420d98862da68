import { errorFromResponse, statusToError, type Asked } from './response-error.ts';
import { JSON_TYPE, PROTOBUF } from './content.ts';
import { JsonWatchFrames, ProtobufWatchFrames, type OnUndecodable } from './watch-frames.ts';
import { connectionError } from './connection-error.ts';
import { brokenOff, TransportError } from '../transport/transport.ts';
import type { RestClient, RestRequest } from './rest-client.ts';
import type { KubeObject, WatchEvent } from '@pilothouse/apimachinery';

/**
 * One watch: events until the server ends it (normal, after its timeout) or it fails. An `ERROR` event is thrown as
 * the StatusError it carries. Leaving the loop closes the stream. Without `onUndecodable`, an object that cannot be
 * decoded ends the watch.
 */
export async function* watchStream<T extends KubeObject>(
  client: RestClient,
  request: RestRequest,
  asked: Asked,
  onUndecodable?: OnUndecodable,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const { body, contentType, isComplete } = await client.open(request, asked);
  try {
    const isProtobuf = contentType === PROTOBUF;
    if (!isProtobuf && contentType !== JSON_TYPE) {
      throw errorFromResponse(406, `a watch answered with the media type ${JSON.stringify(contentType)}`, asked);
    }
    const frames = isProtobuf ? new ProtobufWatchFrames(onUndecodable) : new JsonWatchFrames(onUndecodable);
    for await (const chunk of body) {
      for (const event of frames.push(chunk as Buffer)) {
        if (event.type === 'ERROR') throw statusToError(event.object, 500);
        yield event as WatchEvent<T>;
      }
    }
    if (!isComplete()) throw brokenOff();
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    if (!isStreamError(error)) throw error;
    throw connectionError(request.method, request.path, error instanceof TransportError ? error : brokenOff(error));
  } finally {
    body.destroy();
  }
}

/** Errors of the stream itself have a code (`ERR_HTTP2_STREAM_ERROR`, `ECONNRESET`); those of decoding do not. */
function isStreamError(error: unknown): boolean {
  return (
    error instanceof TransportError || (error instanceof Error && 'code' in error && typeof error.code === 'string')
  );
}
