import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/** What we read of https://github.com/open-telemetry/opentelemetry-proto, collector/trace/v1. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; repeated KeyValue attributes = 9; repeated Link links = 13; }
  message Link { bytes trace_id = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { string string_value = 1; }
`);
const REQUEST = root.lookupType('Request');
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly linkedTraceIds: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** Takes traces as the OpenTelemetry collector does, over both of its protocols. */
export interface OtlpReceiver {
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  stop(): Promise<void>;
}

/** OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export async function receiveOverHttp(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      if (request.url === '/v1/traces') spans.push(...spansIn(plain));
      response.setHeader('content-type', 'application/x-protobuf').end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { endpoint: `http://127.0.0.1:${port}`, spans, stop };
}

/** OTLP over gRPC: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc */
export async function receiveOverGrpc(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = new Server();
  const bytes = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  const method = { path: TRACES, requestStream: false, responseStream: false, ...bytes };
  server.addService(
    { Export: method },
    {
      Export: (call: { request: Buffer }, answer: (error: null, response: Buffer) => void) => {
        spans.push(...spansIn(call.request));
        answer(null, Buffer.alloc(0));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { endpoint: `http://127.0.0.1:${port}`, spans, stop: async () => server.forceShutdown() };
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

function spansIn(bytes: Buffer): ReceivedSpan[] {
  const request = REQUEST.toObject(REQUEST.decode(bytes), { bytes: String, arrays: true }) as any;
  return request.resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap(({ spans }: any) =>
      spans.map(({ name, traceId, links, attributes }: any) => ({
        ...{ name, traceId, service: textsOf(resource.attributes)['service.name'] ?? '' },
        linkedTraceIds: links.map((link: any) => link.traceId),
        attributes: textsOf(attributes),
      })),
    ),
  );
}

function textsOf(attributes: { key: string; value?: { stringValue?: string } }[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value?.stringValue ?? '']));
}
