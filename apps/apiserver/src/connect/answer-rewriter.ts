import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import { createGunzip, createGzip, createInflate, createDeflate } from 'node:zlib';
import { HtmlLinkRewriter } from './html-link-rewriter.ts';

export interface RewrittenPlace {
  /** The path of the proxy, before which links of what is proxied have to go. */
  readonly prefix: string;
  /** What absolute URLs of the proxied may call their own host. */
  readonly hosts: readonly string[];
}

/** Makes an answer of a proxied server fit the place where the client sees it. Upstream: proxy.Transport. */
export class AnswerRewriter {
  readonly #place: RewrittenPlace;

  constructor(place: RewrittenPlace) {
    this.#place = place;
  }

  headers(answered: OutgoingHttpHeaders): OutgoingHttpHeaders {
    // What the proxied server allows to other origins, it does not allow in the name of this one.
    const kept = Object.entries(answered).filter(([name]) => !name.startsWith('access-control-'));
    const headers: OutgoingHttpHeaders = Object.fromEntries(kept);
    if (typeof headers['location'] === 'string') headers['location'] = this.url(headers['location']);
    // The length changes with the links.
    else if (this.#rewritesBody(answered as IncomingHttpHeaders)) delete headers['content-length'];
    return headers;
  }

  /** What the body has to pass through. */
  body(answered: IncomingHttpHeaders): Transform[] {
    if (answered.location !== undefined || !this.#rewritesBody(answered)) return [];
    const links = new HtmlLinkRewriter((url) => this.url(url));
    switch (answered['content-encoding'] ?? '') {
      case 'gzip':
        return [createGunzip(), links, createGzip()];
      case 'deflate':
        return [createInflate(), links, createDeflate()];
      default:
        return [links];
    }
  }

  #rewritesBody({ 'content-type': type = '', 'content-encoding': encoding = '' }: IncomingHttpHeaders): boolean {
    return /^text\/html *(;|$)/i.test(type) && ['', 'gzip', 'deflate'].includes(encoding);
  }

  /** Relative links are right as they are, and those to elsewhere are not ours to change. */
  url(text: string): string {
    const { prefix, hosts } = this.#place;
    const [, host, path = ''] = /^(?:(?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#]*))?(.*)$/is.exec(text) ?? [];
    if ((host !== undefined && !hosts.includes(host)) || !path.startsWith('/')) return text;
    return path === prefix || path.startsWith(`${prefix}/`) ? path : `${prefix}${path}`;
  }
}
