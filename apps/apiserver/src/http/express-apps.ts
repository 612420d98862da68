import type http from 'node:http';
import http2 from 'node:http2';
import express, { type Express, type Router } from 'express';

/**
 * Express expects HTTP/1.1 messages: it gives every request its own prototype, which inherits from
 * `http.IncomingMessage`, and that breaks HTTP/2 messages. So there is one app per protocol, both with the same
 * Router; the HTTP/2 app's prototypes carry Express's own properties on top of the HTTP/2 compatibility classes.
 */
export function createExpressApps(router: Router): { http1: Express; http2: Express } {
  return { http1: newApp(router), http2: speakHttp2(newApp(router)) };
}

function newApp(router: Router): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // The handler chain parses the query by itself: upstream's rules, not qs's.
  app.set('query parser', false);
  app.use(router);
  return app;
}

function speakHttp2(app: Express): Express {
  app.request = transplant(express.request, http2.Http2ServerRequest.prototype, app) as Express['request'];
  app.response = transplant(express.response, http2.Http2ServerResponse.prototype, app) as Express['response'];
  return app;
}

function transplant(expressPrototype: object, base: object, app: Express): object {
  return Object.create(base, {
    ...Object.getOwnPropertyDescriptors(expressPrototype),
    app: { configurable: true, enumerable: true, writable: true, value: app },
  });
}

/** Picks the app by the protocol the request came with. */
export function protocolListener(apps: { http1: Express; http2: Express }): http.RequestListener {
  return (request, response) => (request.httpVersionMajor === 2 ? apps.http2 : apps.http1)(request, response);
}
