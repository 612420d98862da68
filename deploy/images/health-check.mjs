// Exits 0 when the app in this container is healthy. PILOTHOUSE_HEALTH_URL overrides where it asks.
import http from 'node:http';
import https from 'node:https';

const TIMEOUT_MS = 4000;

// An apiserver that does not see etcd is not ready, but starting it again would mend nothing: whoever sends it requests
// asks for readiness, and so does a container that waits for it.
const DEFAULT_URLS = {
  apiserver: 'https://127.0.0.1:6443/readyz',
  scheduler: 'https://127.0.0.1:10259/healthz',
  'controller-manager': 'https://127.0.0.1:10257/healthz',
  kubelet: 'http://127.0.0.1:10248/healthz',
};

const url = process.env.PILOTHOUSE_HEALTH_URL ?? DEFAULT_URLS[process.env.PILOTHOUSE_APP];
if (!url) process.exit(0);

const failed = (reason) => {
  process.stderr.write(`${url}: ${reason}\n`);
  process.exit(1);
};
setTimeout(failed, TIMEOUT_MS, `no answer within ${TIMEOUT_MS} ms`);
// It asks itself on loopback, under a name that the certificate need not have.
const call = (url.startsWith('https:') ? https : http).get(url, { rejectUnauthorized: false }, (answer) => {
  if (answer.statusCode === 200) process.exit(0);
  let text = '';
  answer.on('data', (chunk) => (text += chunk)).on('end', () => failed(`${answer.statusCode} ${text}`));
});
call.on('error', (error) => failed(error.message));
