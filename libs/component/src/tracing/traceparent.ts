export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** https://www.w3.org/TR/trace-context/#traceparent-header; undefined when malformed, as the specification asks. */
export function parseTraceparent(header: string | undefined): TraceParent | undefined {
  const match = FORM.exec(header ?? '');
  if (!match || match[1] === 'ff' || (match[1] === '00' && header!.length !== 55)) return undefined;
  if (/^0+$/.test(match[2]!) || /^0+$/.test(match[3]!)) return undefined;
  return { traceId: match[2]!, spanId: match[3]!, sampled: (parseInt(match[4]!, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
