import type { Http2ServerRequest } from 'node:http2';
import type { Filter } from '../request.ts';

/** Upstream's limit: above it clients would do little but connect. */
const HIGHEST_CHANCE = 0.02;

/**
 * `--goaway-chance`: now and then an HTTP/2 client is asked to go on over another connection, so that clients spread
 * over the apiservers behind a load balancer. What is under way on the old one is not disturbed.
 */
export function sendGoaway(chance: number, random: () => number): Filter {
  if (!(chance >= 0 && chance <= HIGHEST_CHANCE))
    throw new Error(`--goaway-chance can not be less than 0 or greater than ${HIGHEST_CHANCE}`);
  return async ({ http }, next) => {
    if (http.httpVersionMajor === 2 && random() < chance) {
      (http as unknown as Http2ServerRequest).stream.session?.close();
    }
    await next();
  };
}
