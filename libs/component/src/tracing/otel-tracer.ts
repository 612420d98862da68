import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Link, Span as OtelSpan, Tracer as OtelTracer } from '@opentelemetry/api';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import type { Span, SpanAttributes, SpanOptions, Tracer } from './tracer.ts';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Our tracer over OpenTelemetry's globally registered one. */
export function otelTracer(name: string): Tracer {
  return new TracerOverOtel(trace.getTracer(name));
}

class TracerOverOtel implements Tracer {
  readonly enabled = true;
  readonly #tracer: OtelTracer;

  constructor(tracer: OtelTracer) {
    this.#tracer = tracer;
  }

  startSpan(name: string, attributes: SpanAttributes = {}, options: SpanOptions = {}): SpanOverOtel {
    const parent = options.parent ? remoteContext(options.parent) : context.active();
    return new SpanOverOtel(
      this.#tracer.startSpan(
        name,
        { kind: KINDS[options.kind ?? 'internal'], attributes, links: linksTo(options.links ?? []) },
        parent,
      ),
    );
  }

  withSpan<T>(name: string, attributes: SpanAttributes, fn: (span: Span) => T, options?: SpanOptions): T {
    const span = this.startSpan(name, attributes, options);
    try {
      const result = this.within(span, () => fn(span));
      if (result instanceof Promise) {
        return result.then(
          (value: unknown) => (span.end(), value),
          (error: unknown) => {
            span.fail(error);
            throw error;
          },
        ) as T;
      }
      span.end();
      return result;
    } catch (error) {
      span.fail(error);
      throw error;
    }
  }

  within<T>(span: Span, fn: () => T): T {
    const { otel } = span as SpanOverOtel;
    return context.with(trace.setSpan(context.active(), otel), fn);
  }

  inject(headers: Record<string, string | string[] | number | undefined>): void {
    propagation.inject(context.active(), headers);
  }

  current(): string {
    const span = trace.getSpan(context.active());
    return span ? traceparentOf(span) : '';
  }
}

class SpanOverOtel implements Span {
  readonly otel: OtelSpan;

  constructor(otel: OtelSpan) {
    this.otel = otel;
  }

  get traceparent(): string {
    return traceparentOf(this.otel);
  }

  setAttributes(attributes: SpanAttributes): void {
    this.otel.setAttributes(attributes);
  }

  addEvent(name: string, attributes?: SpanAttributes): void {
    this.otel.addEvent(name, attributes);
  }

  recordError(error: unknown): void {
    this.otel.recordException(error instanceof Error ? error : String(error));
    this.otel.setStatus({
      code: SpanStatusCode.ERROR,
      message: error instanceof Error ? error.message : String(error),
    });
  }

  end(): void {
    this.otel.end();
  }

  fail(error: unknown): void {
    this.recordError(error);
    this.end();
  }
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return formatTraceparent({ traceId, spanId, sampled: (traceFlags & 1) === 1 });
}

function remoteContext(traceparent: string): Context {
  return propagation.extract(context.active(), { traceparent });
}

function linksTo(traceparents: readonly string[]): Link[] {
  return traceparents.flatMap((traceparent) => {
    const parsed = parseTraceparent(traceparent);
    if (!parsed) return [];
    return [
      {
        context: { traceId: parsed.traceId, spanId: parsed.spanId, traceFlags: parsed.sampled ? 1 : 0, isRemote: true },
      },
    ];
  });
}
