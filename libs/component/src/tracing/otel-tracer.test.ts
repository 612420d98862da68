import { context, propagation, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { otelTracer } from './otel-tracer.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import { noTracer } from './tracer.ts';

type SpanProcessor = NonNullable<NodeSDKConfiguration['spanProcessors']>[number];
type ReadableSpan = Parameters<SpanProcessor['onEnd']>[0];

const ended: ReadableSpan[] = [];
const recorder: SpanProcessor = {
  onStart: () => undefined,
  onEnd: (span) => void ended.push(span),
  forceFlush: async () => undefined,
  shutdown: async () => undefined,
};
let sdk: NodeSDK;

beforeAll(() => {
  sdk = new NodeSDK({
    spanProcessors: [recorder],
    metricReaders: [],
    logRecordProcessors: [],
    autoDetectResources: false,
  });
  sdk.start();
});

afterAll(async () => {
  await sdk.shutdown();
  trace.disable();
  context.disable();
  propagation.disable();
});

beforeEach(() => {
  ended.length = 0;
});

describe('otelTracer', () => {
  it('ends a span with the promise that its function returns, under the span that called it', async () => {
    const tracer = otelTracer('test');
    const result = await tracer.withSpan('outer', { pod: 'a/b' }, async () => {
      await Promise.resolve();
      return tracer.withSpan('inner', {}, () => 42);
    });
    expect(result).toBe(42);
    const [inner, outer] = ended;
    expect([inner!.name, outer!.name]).toEqual(['inner', 'outer']);
    expect(inner!.parentSpanContext?.spanId).toBe(outer!.spanContext().spanId);
    expect(outer!.attributes).toEqual({ pod: 'a/b' });
  });

  it('marks a span as failed by what is thrown, and throws it on', async () => {
    const tracer = otelTracer('test');
    await expect(tracer.withSpan('bad', {}, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(ended[0]!.status.message).toBe('broken');
    expect(ended[0]!.events[0]!.name).toBe('exception');
  });

  it('carries the trace to another process and back', () => {
    const tracer = otelTracer('test');
    const headers: Record<string, string> = {};
    tracer.withSpan('client', {}, () => tracer.inject(headers));
    expect(parseTraceparent(headers['traceparent'])?.traceId).toBe(ended[0]!.spanContext().traceId);
    tracer
      .startSpan('server', {}, { kind: 'server', parent: headers['traceparent']!, links: [headers['traceparent']!] })
      .end();
    expect(ended[1]!.spanContext().traceId).toBe(ended[0]!.spanContext().traceId);
    expect(ended[1]!.links).toHaveLength(1);
  });
});

describe('noTracer', () => {
  it('just calls the function', () => {
    const headers = {};
    expect(noTracer.withSpan('x', {}, (span) => span.traceparent)).toBe('');
    noTracer.inject(headers);
    expect(headers).toEqual({});
  });
});

describe('traceparent', () => {
  const header = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  it('is read and written', () => expect(formatTraceparent(parseTraceparent(header)!)).toBe(header));

  it.each([
    undefined,
    '',
    'x',
    header.replace('00-', 'ff-'),
    header.replace(/-b.*?-/, '-0000000000000000-'),
    `${header}-x`,
  ])('refuses %j', (malformed) => expect(parseTraceparent(malformed)).toBeUndefined());
});
