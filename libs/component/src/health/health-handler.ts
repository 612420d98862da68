import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../logger.ts';
import { EXPOSITION_CONTENT_TYPE } from '../metrics/exposition.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';
import type { Health, HealthEndpoint } from './health.ts';
import { HealthSlis } from './health-slis.ts';
import { runChecks } from './run-checks.ts';

export interface HealthHandlerOptions {
  readonly health: Health;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
}

/** Answers and returns true when the path is one of its own; otherwise touches nothing and returns false. */
export type HealthHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

const CHECK_PATH = /^\/(healthz|livez|readyz)(?:\/(.+))?$/;

/**
 * `/healthz /livez /readyz /metrics /metrics/slis /configz /debug/…`, the same in every process: mounted in the apiserver's handler
 * chain and behind the other components' own small server.
 */
export function createHealthHandler({ health, metrics, logger }: HealthHandlerOptions): HealthHandler {
  const slis = new HealthSlis();
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const check = CHECK_PATH.exec(pathname);
    if (check) {
      await answerCheck(check[1] as HealthEndpoint, check[2], searchParams, response);
    } else if (pathname === '/metrics') {
      send(response, 200, metrics.expose(), EXPOSITION_CONTENT_TYPE);
    } else if (pathname === '/metrics/slis') {
      send(response, 200, slis.expose(), EXPOSITION_CONTENT_TYPE);
    } else if (pathname === '/configz') {
      send(response, 200, JSON.stringify(health.configz()), 'application/json');
    } else if (pathname === '/debug' || pathname === '/debug/') {
      send(response, 200, `${health.debugPaths.join('\n')}\n`);
    } else {
      const debug = health.debugHandler(pathname);
      if (!debug) return false;
      await debug(request, response);
    }
    return true;
  };

  async function answerCheck(
    endpoint: HealthEndpoint,
    only: string | undefined,
    query: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    const all = health.checksOf(endpoint);
    const checks = only === undefined ? all : all.filter(({ name }) => name === only);
    if (checks.length === 0) {
      send(response, 404, '404 page not found\n');
      return;
    }
    const report = await runChecks(endpoint, checks, new Set(query.getAll('exclude')));
    if (only === undefined) slis.observe(endpoint, report);
    for (const [name, error] of report.failures) {
      logger.warn({ check: name, endpoint, reason: String(error) }, 'Health check failed');
    }
    if (only !== undefined && !report.passed) {
      send(response, 500, `internal server error: ${reasonOf(report.failures.get(only))}\n`);
    } else if (!report.passed) {
      send(response, 500, report.text);
    } else if (only === undefined && query.has('verbose')) {
      send(response, 200, report.text);
    } else {
      send(response, 200, 'ok');
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function send(response: ServerResponse, status: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-cache, private');
  response.end(body);
}
