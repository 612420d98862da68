/** A request as a simulated server sees it. */
export interface HttpRequest {
  readonly method: string;
  /** With its query: `/echo?msg=hi`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The client's address, where it is known. */
  readonly from?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a simulated program does at a port that it listens on. */
export type HttpHandler = (request: HttpRequest) => HttpResponse;

/** What a simulated program answers to a datagram; undefined for silence. */
export type DatagramHandler = (text: string, from: string) => string | undefined;

export function textResponse(body: string, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
