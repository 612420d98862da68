export type SpanValue = string | number | boolean;
export type SpanAttributes = Readonly<Record<string, SpanValue | undefined>>;

export interface Span {
  /** W3C traceparent of this span, to be carried to whoever acts on it; empty when tracing is off. */
  readonly traceparent: string;
  setAttributes(attributes: SpanAttributes): void;
  addEvent(name: string, attributes?: SpanAttributes): void;
  recordError(error: unknown): void;
  end(): void;
}

export interface SpanOptions {
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Traceparent of the cause, when it is not the span that runs now. */
  readonly parent?: string;
  /** Traceparents of further causes: a reconcile answers to many events. */
  readonly links?: readonly string[];
}

/**
 * Manual spans: automatic instrumentation costs a hundred times more per request. With no endpoint configured this is
 * `noTracer`, which costs a function call, and OpenTelemetry is not even loaded.
 */
export interface Tracer {
  readonly enabled: boolean;
  startSpan(name: string, attributes?: SpanAttributes, options?: SpanOptions): Span;
  /** Runs `fn` inside a new span that ends with it; a throw or rejection marks the span as failed. */
  withSpan<T>(name: string, attributes: SpanAttributes, fn: (span: Span) => T, options?: SpanOptions): T;
  /** Runs `fn` with `span` as the current one, without ending it. */
  within<T>(span: Span, fn: () => T): T;
  /** Adds `traceparent` and `tracestate` of the current span to outgoing headers. */
  inject(headers: Record<string, string | string[] | number | undefined>): void;
  /** Traceparent of the current span; empty when there is none. */
  current(): string;
}

const NO_SPAN: Span = {
  traceparent: '',
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordError: () => undefined,
  end: () => undefined,
};

export const noTracer: Tracer = {
  enabled: false,
  startSpan: () => NO_SPAN,
  withSpan: (_name, _attributes, fn) => fn(NO_SPAN),
  within: (_span, fn) => fn(),
  inject: () => undefined,
  current: () => '',
};
