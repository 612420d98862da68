import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, HealthHandler, Logger } from '@pilothouse/component';
import type { NodeFleet } from '../node/node-fleet.ts';
import type { ServedPods } from './find-container.ts';

export interface ServerServices extends ServedPods {
  readonly fleet: NodeFleet;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Health, metrics and debug pages, the same as in every process. */
  readonly healthHandler: HealthHandler;
}

export interface RouteRequest {
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly services: ServerServices;
}

/** One path of the kubelet's API. What it throws becomes the answer: see HttpError. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  serve(request: RouteRequest): void | Promise<void>;
}

export function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

export function sendText(response: ServerResponse, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(200, { 'content-type': type }).end(body);
}
