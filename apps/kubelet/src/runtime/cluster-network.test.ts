import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { services } from '@pilothouse/api';
import type { Container, PodSpec, ServiceSpec } from '@pilothouse/api';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { runProgram } from './shell/run-shell.ts';

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await new FakeCluster({ flags: { nodes: 2 } }).start();
  create('client', { command: ['sleep', '1d'], image: 'busybox' });
  create('server', { image: 'agnhost', args: ['netexec', '--http-port=8080'] }, { nodeName: 'node-2' });
  create('other', { image: 'shop/api:1', ports: [{ containerPort: 3000, name: 'api' }] }, { nodeName: 'node-2' });
  service('web', {
    clusterIP: '10.96.1.1',
    clusterIPs: ['10.96.1.1'],
    selector: { app: 'server' },
    ports: [
      { name: 'http', port: 80, targetPort: 8080 },
      { name: 'dns', port: 53, targetPort: 8081, protocol: 'UDP' },
      { name: 'exposed', port: 81, targetPort: 8080, nodePort: 30080 },
    ],
  });
  service('outside', { type: 'ExternalName', externalName: 'example.org' });
  service('api', {
    clusterIP: '10.96.1.2',
    clusterIPs: ['10.96.1.2'],
    selector: { app: 'other' },
    ports: [{ port: 80, targetPort: 'api' }],
  });
  service('peers', { clusterIP: 'None', clusterIPs: ['None'], selector: { app: 'server' }, ports: [{ port: 8080 }] });
  service('empty', {
    clusterIP: '10.96.1.3',
    clusterIPs: ['10.96.1.3'],
    selector: { app: 'nobody' },
    ports: [{ port: 80 }],
  });
  await cluster.clock.run(3000);
});
afterEach(() => cluster.stop());

function create(name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}): void {
  cluster.createPod(name, { container, ...spec }, { labels: { app: name } });
}

function service(name: string, spec: ServiceSpec): void {
  cluster.put(services, { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name }, spec });
}

/** Runs a command in the client's container. */
function run(script: string): { out: string; err: string; code?: number; sleptMs: number } {
  const { uid } = cluster.kubelet.podManager.find('default', 'client')!;
  const context = cluster.kubelet.runtime.container(uid, 'main')!.processContext();
  const process = runProgram(['sh', '-c', script], context);
  const result = { out: '', err: '', sleptMs: 0 };
  for (let step = process.next(); ; step = process.next()) {
    if (step.done) return { ...result, code: step.value };
    if (step.value.type === 'write') result[step.value.stream === 'stdout' ? 'out' : 'err'] += step.value.text;
    if (step.value.type === 'sleep') result.sleptMs += step.value.ms;
  }
}

describe('a process in a pod', () => {
  test.each([
    'wget -qO- http://web/hostname',
    'wget -q -O - -T 5 web.default:80/hostname',
    'curl -s http://web.default.svc.cluster.local/hostName',
    'curl -q -s --connect-timeout 2 http://10.96.1.1:80/hostName',
    'curl -s http://peers:8080/hostname',
    'wget web/hostname -O /tmp/f 2>/dev/null && cat /tmp/f',
  ])('reaches a server on another node: %s', (command) => {
    expect(run(command)).toMatchObject({ out: 'server', code: 0 });
  });

  test('reaches the named port of a program that nobody knows', () => {
    expect(run('wget -qO- http://api').out).toBe('pod default/other on node-2, port 3000\n');
  });

  test.each([
    [
      'wget -qO- http://empty',
      { code: 1, err: "wget: can't connect to remote host (10.96.1.3): Connection refused\n" },
    ],
    ['wget -qO- http://nobody', { code: 1, err: "wget: bad address 'nobody'\n" }],
    ['wget -qO- http://web/nowhere', { code: 1, err: 'wget: server returned error: HTTP/1.1 404 Not Found\n' }],
    ['curl -sS http://nobody', { code: 6, err: 'curl: (6) Could not resolve host: nobody\n' }],
    ['curl -s http://empty', { code: 7, err: '' }],
    ['curl -sf http://web/nowhere', { code: 22 }],
    ["curl -so /dev/null -w '%{http_code}' http://web/echo?code=503", { code: 0, out: '503' }],
    ['curl -s -m 3 http://10.244.9.9', { code: 28, sleptMs: 3000 }],
    ['nc -zv -w 2 web 80', { code: 0, err: 'web (10.96.1.1:80) open\n' }],
    ['nc -z -w 2 empty 80', { code: 1 }],
    ['/agnhost connect empty:80', { code: 1, err: 'REFUSED\n' }],
    ['nslookup nobody', { code: 1 }],
    ['ping -c 1 web', { code: 1 }],
  ])('learns why it does not: %s', (command, expected) => {
    expect(run(command)).toMatchObject(expected);
  });

  test('looks up names of services, and of the pods of a headless one', () => {
    expect(run('nslookup web').out).toContain('Address: 10.96.1.1\n');
    const { podIP } = cluster.pod('server').status!;
    expect(run('nslookup peers.default').out).toContain(`Address: ${podIP}\n`);
    expect(run(`ping -c 2 ${podIP}`).out).toContain('2 packets transmitted, 2 packets received, 0% packet loss');
  });

  test.each([
    ['echo hostname | nc -u -w 1 web 53', { out: 'server', code: 0 }],
    ['echo hostname | nc -u -w 1 web 80', { out: '', code: 1 }],
    ['curl -s http://127.0.0.1:30080/hostname', { out: 'server' }],
    ['curl -s "http://server:8080/x"', { code: 6 }],
    [
      "curl -s 'http://web/dial?request=hostname&host=web&port=53&protocol=udp&tries=2'",
      { out: '{"responses":["server","server"]}' },
    ],
    [
      "curl -s 'http://web/dial?request=hostname&host=empty&port=80'",
      { out: '{"responses":[],"errors":["dial 10.96.1.3:80: refused"]}' },
    ],
    ['dig +short web.default.svc.cluster.local', { out: '10.96.1.1\n' }],
    ['dig +noall +answer +search web A', { out: 'web.default.svc.cluster.local.\t5\tIN\tA\t10.96.1.1\n' }],
    ['dig +short +search _http._tcp.web SRV', { out: '0 100 80 web.default.svc.cluster.local.\n' }],
    ['dig +short -x 10.96.1.1', { out: 'web.default.svc.cluster.local.\n' }],
    ['dig +short +search outside', { out: 'example.org.\n' }],
    ['dig +short 10-9-8-7.default.pod.cluster.local', { out: '10.9.8.7\n' }],
    ['dig +short nobody.default.svc.cluster.local', { out: '', code: 0 }],
    ['getent hosts web', { out: '10.96.1.1       web.default.svc.cluster.local\n' }],
    ['getent hosts nobody', { code: 2 }],
    [
      'nslookup -type=srv web | grep service',
      { out: /web\.default\.svc\.cluster\.local\tservice = 0 100 80 web\.default\.svc\.cluster\.local\n/ },
    ],
  ])('speaks as programs do: %s', (command, { out, ...expected }: { out?: string | RegExp; code?: number }) => {
    const result = run(command);
    expect(result).toMatchObject(expected);
    if (out instanceof RegExp) expect(result.out).toMatch(out);
    else if (out !== undefined) expect(result.out).toBe(out);
  });

  test('finds itself by its host name, and what its aliases name', () => {
    const { podIP } = cluster.pod('client').status!;
    expect(run('getent hosts client').out).toContain(podIP);
    expect(run('cat /etc/hosts').out).toContain(`${podIP}\tclient\n`);
  });
});
