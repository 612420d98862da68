import pino from 'pino';
import { klogText } from './klog-text.ts';

/** Fields first, then the message, as pino has it: `logger.info({ pod: key }, 'Bound')`. */
export interface LogFn {
  (fields: object, message?: string): void;
  (message: string): void;
}

export interface Logger {
  readonly error: LogFn;
  readonly warn: LogFn;
  readonly info: LogFn;
  readonly debug: LogFn;
  readonly trace: LogFn;
  child(fields: Record<string, unknown>): Logger;
  isLevelEnabled(level: string): boolean;
  level: string;
}

export interface LoggerOptions {
  readonly name: string;
  readonly format?: 'json' | 'text';
  /** klog's number: see `levelOfVerbosity`. */
  readonly verbosity?: number;
  /** Where lines go; standard error unless told. */
  readonly write?: (line: string) => void;
}

/** klog's `-v`: 0-3 are what an operator reads, 4-5 debugging, 6 and up traces requests. */
export function levelOfVerbosity(verbosity: number): 'info' | 'debug' | 'trace' {
  if (verbosity >= 6) return 'trace';
  return verbosity >= 4 ? 'debug' : 'info';
}

/** One JSON object a line, or klog's text for people who read along. */
export function createLogger({ name, format = 'json', verbosity = 0, write }: LoggerOptions): Logger {
  // Written at once: the line that explains a crash must be out before the process is.
  const sink = write ? { write } : pino.destination({ dest: 2, sync: true });
  const destination = format === 'text' ? { write: (line: string) => void sink.write(klogText(line)) } : sink;
  return pino(
    {
      base: { component: name },
      level: levelOfVerbosity(verbosity),
      messageKey: 'msg',
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    },
    destination,
  );
}

/** A logger that says nothing; for tests and for callers who do not care. */
export function silentLogger(): Logger {
  return SILENT;
}

const nothing: LogFn = () => undefined;
const SILENT: Logger = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  child: () => SILENT,
  isLevelEnabled: () => false,
  level: 'silent',
};
