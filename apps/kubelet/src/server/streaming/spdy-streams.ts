import { bytesOf } from '../../runtime/shell/byte-text.ts';
import { outcomeStatus, outcomeText } from './remote-streams.ts';
import type { ExpectedStreams, Outcome, RemoteStreams } from './remote-streams.ts';
import type { SpdyConnection, SpdyStream } from './spdy/spdy-connection.ts';

/** Versions of remotecommand over SPDY, the preferred first. Only the fourth reports exit codes. */
export const REMOTE_COMMAND_PROTOCOLS = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
];

/** Remotecommand over SPDY: the client opens one stream for each purpose, told apart by the header `streamtype`. */
export class SpdyStreams implements RemoteStreams {
  onInput: (chunk: Buffer) => void = () => undefined;
  onInputEnd: () => void = () => undefined;
  onClose: () => void = () => undefined;
  readonly #connection: SpdyConnection;
  readonly #structured: boolean;
  readonly #byType = new Map<string, SpdyStream>();

  /** `onReady` is called when all streams that the request speaks of are open. */
  constructor(
    connection: SpdyConnection,
    protocol: string,
    expected: ExpectedStreams,
    onReady: (streams: SpdyStreams) => void,
  ) {
    this.#connection = connection;
    this.#structured = protocol === 'v4.channel.k8s.io';
    const needed = ['error', ...(['stdin', 'stdout', 'stderr'] as const).filter((type) => expected[type])];
    connection.onStream = (stream) => {
      const type = stream.headers.get('streamtype') ?? '';
      this.#byType.set(type, stream);
      if (type === 'stdin') {
        stream.onData = (chunk) => this.onInput(chunk);
        stream.onEnd = () => this.onInputEnd();
      }
      if (needed.includes(type) && needed.every((each) => this.#byType.has(each))) onReady(this);
    };
    connection.onClose = () => this.onClose();
  }

  write(stream: 'stdout' | 'stderr', text: string): void {
    this.#byType.get(stream)?.write(bytesOf(text));
  }

  finish(outcome: Outcome): void {
    const text = this.#structured ? JSON.stringify(outcomeStatus(outcome)) : outcomeText(outcome);
    const error = this.#byType.get('error');
    if (text !== '') error?.write(Buffer.from(text));
    for (const stream of this.#byType.values()) stream.end();
    this.#connection.close();
  }
}
