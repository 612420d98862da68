// Kills or freezes one container of this project, waits, mends it, waits, and begins again. One at a time, so that etcd
// keeps its majority. Speaks the Docker Engine API over its socket: https://docs.docker.com/reference/api/engine/
import http from 'node:http';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const VICTIMS = /^(etcd-\d|apiserver-\d|scheduler-\d|controller-manager-\d|haproxy|kubelet)$/;
const SERVICE = 'com.docker.compose.service';
const PROJECT = 'com.docker.compose.project';

const everyMs = Number(process.env.CHAOS_EVERY_SECONDS ?? 60) * 1000;
const awayMs = Number(process.env.CHAOS_AWAY_SECONDS ?? 20) * 1000;

function engine(method, path) {
  return new Promise((resolve, reject) => {
    const call = http.request({ socketPath: '/var/run/docker.sock', method, path }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => (answer.statusCode < 400 ? resolve(text && JSON.parse(text)) : reject(new Error(text))));
    });
    call.on('error', reject);
    call.end();
  });
}

async function victims() {
  const all = await engine('GET', '/containers/json');
  const self = all.find(({ Id }) => Id.startsWith(hostname())) ?? all.find(({ Labels }) => Labels[SERVICE] === 'chaos');
  return all.filter(({ Labels }) => Labels[PROJECT] === self?.Labels[PROJECT] && VICTIMS.test(Labels[SERVICE] ?? ''));
}

const say = (line) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);
let mend;
process.on('SIGTERM', () => Promise.resolve(mend?.()).finally(() => process.exit(0)));

for (;;) {
  await sleep(everyMs);
  try {
    const all = await victims();
    const { Id, Names } = all[Math.floor(Math.random() * all.length)];
    const name = Names[0].slice(1);
    if (Math.random() < 0.5) {
      await engine('POST', `/containers/${Id}/kill?signal=KILL`);
      mend = () => engine('POST', `/containers/${Id}/start`);
      say(`killed ${name}`);
    } else {
      await engine('POST', `/containers/${Id}/pause`);
      mend = () => engine('POST', `/containers/${Id}/unpause`);
      say(`froze ${name}`);
    }
    await sleep(awayMs);
    await mend();
    mend = undefined;
    say(`mended ${name}`);
  } catch (error) {
    say(`error: ${error.message}`);
  }
}
