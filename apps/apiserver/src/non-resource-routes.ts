import { Router, type Request, type Response } from 'express';
import type { HealthHandler } from '@pilothouse/component';
import type { Discovery } from './discovery/discovery-routes.ts';
import type { OpenApi } from './openapi/open-api.ts';
import { versionDocument } from './discovery/version.ts';
import { PageNotFound } from './http/page-not-found.ts';
import { respondBytes } from './http/respond.ts';
import { parseRequestTarget } from './http/raw-path.ts';
import type { ApiRequest } from './request.ts';

export interface NonResourceRoutes {
  serve(request: ApiRequest): Promise<void>;
  /** Further Express routes: OpenAPI, debug pages. Listed at `/` under these paths. */
  mount(paths: readonly string[], router: Router): void;
}

/** What the apiserver answers beside resources. */
export function nonResourceRoutes(
  discovery: Discovery,
  openApi: OpenApi,
  healthHandler: HealthHandler,
): NonResourceRoutes {
  const mounted = Router();
  const mountedPaths: string[] = [];
  return {
    mount(paths, router) {
      mountedPaths.push(...paths);
      mounted.use(router);
    },
    async serve(request) {
      const { segments } = parseRequestTarget(request.http.url)!;
      const [first] = segments;
      if (first === 'api' || first === 'apis') return discovery.serve(request, segments);
      if (request.method !== 'GET' && request.method !== 'HEAD') return runRouter(mounted, request);
      if (first === undefined) return respondJson(request, { paths: rootPaths(discovery, mountedPaths) });
      if (first === 'openapi') return openApi.serve(request, segments);
      if (first === 'version' && segments.length === 1) return respondJson(request, versionDocument(), true);
      if (await healthHandler(request.http, request.response)) return;
      await runRouter(mounted, request);
    },
  };
}

/** Hands the request to Express; 404 when no route takes it. */
function runRouter(router: Router, request: ApiRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    request.response.once('close', resolve);
    router(request.http as Request, request.response as Response, (error?: unknown) => {
      reject(error instanceof Error ? error : new PageNotFound());
    });
  });
}

function respondJson(request: ApiRequest, value: unknown, pretty = true): Promise<void> {
  return respondBytes(request, 200, 'application/json', Buffer.from(JSON.stringify(value, null, pretty ? 2 : 0)));
}

function rootPaths(discovery: Discovery, mounted: readonly string[]): string[] {
  const groups = discovery.groups.flatMap(({ name, versions }) => {
    const root = name === '' ? '/api' : `/apis/${name}`;
    return [root, ...versions.map(({ version }) => `${root}/${version}`)];
  });
  const own = [
    '/apis',
    '/healthz',
    '/livez',
    '/readyz',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/configz',
    '/version',
  ];
  return [...new Set([...groups, ...own, ...mounted])].sort();
}
