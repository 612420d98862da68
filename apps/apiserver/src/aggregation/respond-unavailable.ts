import { respondBytes } from '../http/respond.ts';
import type { ApiRequest } from '../request.ts';

/** Upstream's aggregator answers so, without a Status: http.Error in kube-aggregator's proxy handler. */
export async function respondUnavailable(request: ApiRequest): Promise<void> {
  const { response } = request;
  // Too late for another answer: the client must notice that this one is incomplete.
  if (response.headersSent) return void (response.writableEnded || response.destroy());
  await respondBytes(request, 503, 'text/plain; charset=utf-8', Buffer.from('service unavailable\n'), {
    'x-content-type-options': 'nosniff',
  });
}
