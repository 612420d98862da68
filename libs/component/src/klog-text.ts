/** Fields that every line has and the text form shows elsewhere, or not at all. */
const HEADER_FIELDS = new Set(['level', 'ts', 'msg', 'component']);

/**
 * One JSON log line in klog's text form: `I1121 09:30:00.123000 4242 scheduler] "Bound" pod="default/web"`.
 * https://kubernetes.io/docs/concepts/cluster-administration/system-logs/
 */
export function klogText(jsonLine: string, pid: number = process.pid): string {
  const entry = JSON.parse(jsonLine) as Record<string, unknown>;
  const ts = String(entry['ts']);
  const severity = String(entry['level']).charAt(0).toUpperCase();
  const letter = severity === 'D' || severity === 'T' ? 'I' : severity;
  const date = ts.slice(5, 7) + ts.slice(8, 10);
  const time = `${ts.slice(11, 23)}000`;
  let line = `${letter}${date} ${time} ${pid} ${entry['component']}] ${JSON.stringify(entry['msg'] ?? '')}`;
  for (const [key, value] of Object.entries(entry)) {
    if (HEADER_FIELDS.has(key)) continue;
    line += ` ${key}=${fieldText(value)}`;
  }
  return `${line}\n`;
}

function fieldText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // A serialised error: its stack is for the JSON form, a reader of text wants the message.
  if ('message' in value && 'stack' in value) return JSON.stringify(value.message);
  return JSON.stringify(value);
}
