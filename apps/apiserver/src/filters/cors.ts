import type { Filter } from '../request.ts';

const METHODS = 'POST, GET, OPTIONS, PUT, DELETE, PATCH';
const HEADERS =
  'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since';

/** `--cors-allowed-origins`: regular expressions of origins whose pages may call this server. */
export function cors(origins: readonly RegExp[]): Filter {
  return async (request, next) => {
    const { origin } = request.headers;
    if (origins.length === 0 || origin === undefined || !origins.some((each) => each.test(origin))) return next();
    const { response } = request;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-methods', METHODS);
    response.setHeader('access-control-allow-headers', HEADERS);
    response.setHeader('access-control-expose-headers', 'Date');
    response.setHeader('access-control-allow-credentials', 'true');
    if (request.method !== 'OPTIONS') return next();
    response.writeHead(204).end();
  };
}
