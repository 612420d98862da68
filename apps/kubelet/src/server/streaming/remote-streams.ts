/** How a command, or what stands for it, ended. */
export type Outcome = { readonly exitCode: number } | { readonly error: string };

/**
 * The far end of an exec or attach: whoever typed `kubectl exec`, over whichever protocol. Input is pushed to the
 * handlers, which must be set in the turn in which the streams are handed over.
 */
export interface RemoteStreams {
  write(stream: 'stdout' | 'stderr', text: string): void;
  /** Reports the outcome and closes. */
  finish(outcome: Outcome): void;
  onInput: (chunk: Buffer) => void;
  onInputEnd: () => void;
  onClose: () => void;
}

/** Which streams a request asks for. */
export interface ExpectedStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** The Status that protocol version 4 and later send on the error stream. */
export function outcomeStatus(outcome: Outcome): object {
  if ('error' in outcome)
    return { metadata: {}, status: 'Failure', message: outcome.error, reason: 'InternalError', code: 500 };
  const { exitCode } = outcome;
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

/** Before version 4 the error stream carried a text, and nothing for success. */
export function outcomeText(outcome: Outcome): string {
  if ('error' in outcome) return outcome.error;
  return outcome.exitCode === 0 ? '' : `command terminated with non-zero exit code: exit status ${outcome.exitCode}`;
}
