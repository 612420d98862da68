import { type CertificateSigningRequest, certificatesigningrequests } from '@pilothouse/api';
import type { InformerFactory, SharedInformer } from '@pilothouse/client';
import type { WorkQueue } from '@pilothouse/controller';

/** The certificate requests, each of which is worked on whenever it comes or changes. */
export function followRequests(
  informers: InformerFactory,
  queue: WorkQueue<string>,
): SharedInformer<CertificateSigningRequest> {
  const requests = informers.for(certificatesigningrequests);
  const enqueue = ({ metadata }: CertificateSigningRequest): void => queue.add(metadata.name ?? '');
  requests.addHandler({ onAdd: enqueue, onUpdate: (_, request) => enqueue(request) });
  return requests;
}
