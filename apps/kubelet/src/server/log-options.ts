import { HttpError } from './http-error.ts';

/** What `kubectl logs` asks for: PodLogOptions as query parameters. */
export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly stream: 'All' | 'Stdout' | 'Stderr';
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly since?: Date;
}

export function parseLogOptions(query: URLSearchParams, now: Date): LogOptions {
  const flag = (name: string): boolean => ['1', 'true', 't'].includes((query.get(name) ?? '').toLowerCase());
  const count = (name: string, least: number): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    if (!/^-?\d+$/.test(text) || Number(text) < least) {
      throw new HttpError(
        422,
        `${name}: Invalid value: ${JSON.stringify(text)}: must be greater than or equal to ${least}`,
      );
    }
    return Number(text);
  };
  const tailLines = count('tailLines', 0);
  const limitBytes = count('limitBytes', 1);
  const sinceSeconds = count('sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (sinceTime && Number.isNaN(Date.parse(sinceTime)))
    throw new HttpError(422, `sinceTime: Invalid value: ${JSON.stringify(sinceTime)}`);
  const since =
    sinceSeconds === undefined
      ? sinceTime
        ? new Date(sinceTime)
        : undefined
      : new Date(now.getTime() - sinceSeconds * 1000);
  const stream = query.get('stream') || 'All';
  if (stream !== 'All' && stream !== 'Stdout' && stream !== 'Stderr') {
    throw new HttpError(
      422,
      `stream: Unsupported value: ${JSON.stringify(stream)}: supported values: "All", "Stderr", "Stdout"`,
    );
  }
  return {
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    stream,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(since === undefined ? {} : { since }),
  };
}
