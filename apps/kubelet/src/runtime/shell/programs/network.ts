import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { parseOptions } from './option-list.ts';

const DEFAULT_TIMEOUT_SECONDS = 130;

/** Whether somebody listens (`-z`, `-v`), or one exchange of standard input with whoever does. */
export function* nc(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['w', 'i', 'p', 's', 'q']);
  if (values.has('l')) return yield* (context.unknownProgram ?? notSimulated('nc'))();
  const [host = '', port = ''] = operands;
  const address = context.names?.resolve(host)?.[0];
  if (address === undefined) {
    if (context.names?.isExternal(host) !== false && context.unknownProgram) return yield* context.unknownProgram();
    yield* write(`nc: bad address '${host}'\n`, 'stderr');
    return 1;
  }
  if (values.has('u')) return yield* datagram(address, Number(port), Number(values.get('w') ?? 1), context);
  const connection = context.network!.connect(address, Number(port));
  if (connection.type === 'silent') {
    yield { type: 'sleep', ms: Number(values.get('w') ?? DEFAULT_TIMEOUT_SECONDS) * 1000 };
    if (values.has('v')) yield* write(`nc: ${host} (${address}:${port}): Connection timed out\n`, 'stderr');
    return 1;
  }
  if (connection.type === 'refused') {
    if (values.has('v')) yield* write(`nc: ${host} (${address}:${port}): Connection refused\n`, 'stderr');
    return 1;
  }
  if (values.has('v')) yield* write(`${host} (${address}:${port}) open\n`, 'stderr');
  if (values.has('z')) return 0;
  let input = '';
  for (let line = yield { type: 'read' }; line !== undefined; line = yield { type: 'read' }) input += line;
  const [, method, target] = /^([A-Z]+) (\S+) HTTP/.exec(input) ?? [];
  if (method === undefined || target === undefined) {
    yield* write(
      'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request',
    );
    return 0;
  }
  const { status, body } = connection.serve({ method, target, headers: { host }, body: '' });
  yield* write(`HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  return 0;
}

/** Each line is a datagram; nobody tells a sender that nobody was there. */
function* datagram(address: string, port: number, seconds: number, { network }: ProcessContext): Process {
  const exchange = network!.datagrams(address, port);
  for (let line = yield { type: 'read' }; line !== undefined; line = yield { type: 'read' })
    if (exchange.type === 'connected') yield* write(exchange.send(line) ?? '');
  yield { type: 'sleep', ms: seconds * 1000 };
  return exchange.type === 'refused' ? 1 : 0;
}

/** Pods answer; addresses of services do not, as nobody carries more than TCP, UDP and SCTP for them. */
export function* ping(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['c', 'i', 'w', 'W', 's', 'I']);
  const host = operands[0] ?? '';
  const address = context.names?.resolve(host)?.[0];
  if (address === undefined) {
    if (context.names?.isExternal(host) !== false && context.unknownProgram) return yield* context.unknownProgram();
    yield* write(`ping: bad address '${host}'\n`, 'stderr');
    return 1;
  }
  const count = values.has('c') ? Number(values.get('c')) : Infinity;
  const answers = context.network!.isPod(address);
  yield* write(`PING ${host} (${address}): 56 data bytes\n`);
  let sent = 0;
  for (; sent < count; sent++) {
    if (sent > 0) yield { type: 'sleep', ms: Number(values.get('i') ?? 1) * 1000 };
    if (answers) yield* write(`64 bytes from ${address}: seq=${sent} ttl=64 time=0.050 ms\n`);
  }
  if (!answers) yield { type: 'sleep', ms: Number(values.get('w') ?? values.get('W') ?? 10) * 1000 };
  const received = answers ? sent : 0;
  const lost = sent === 0 ? 0 : Math.round((100 * (sent - received)) / sent);
  yield* write(
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${received} packets received, ${lost}% packet loss\n` +
      (received > 0 ? 'round-trip min/avg/max = 0.050/0.050/0.050 ms\n' : ''),
  );
  return received > 0 ? 0 : 1;
}

/** `agnhost connect host:port`: silence is success, else one word about what went wrong. */
export function* connect(args: readonly string[], context: ProcessContext): Process {
  const { values, operands } = parseOptions(args, ['timeout', 'protocol']);
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(operands[0] ?? '') ?? [];
  const address = context.names?.resolve(host)?.[0];
  if (address === undefined) {
    yield* write('DNS: no such host\n', 'stderr');
    return 1;
  }
  const reach = values.get('protocol') === 'udp' ? 'datagrams' : 'connect';
  const { type } = context.network![reach](address, Number(port));
  if (type === 'connected') return 0;
  if (type === 'silent') yield { type: 'sleep', ms: Number.parseFloat(values.get('timeout') ?? '10') * 1000 };
  yield* write(type === 'refused' ? 'REFUSED\n' : 'TIMEOUT\n', 'stderr');
  return 1;
}

function notSimulated(name: string): () => Process {
  return function* () {
    yield* write(`${name}: not simulated\n`, 'stderr');
    return 1;
  };
}
