import { CLUSTER_DNS } from '../../cluster-dns.ts';
import type { DnsRecord, RecordType } from '../../cluster-network.ts';
import { write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';

const TYPES: readonly string[] = ['A', 'CNAME', 'PTR', 'SRV'] satisfies RecordType[];
const TTL_SECONDS = 5;

/** BusyBox's nslookup; `until nslookup db; do sleep 2; done` is how the documentation's init containers wait. */
export function* nslookup(args: readonly string[], context: ProcessContext): Process {
  const asked = args.map((arg) => /^-(?:type|query)=(\w+)$/.exec(arg)?.[1]?.toUpperCase()).find(Boolean) ?? 'A';
  const name = args.find((arg) => !arg.startsWith('-')) ?? '';
  const own = asked === 'A' ? (context.names?.resolve(name) ?? []).map((data) => ({ name, type: 'A', data })) : [];
  const found = own.length > 0 ? own : lookup(name, asked, context);
  if (found.length === 0 && context.names?.isExternal(name) !== false && context.unknownProgram)
    return yield* context.unknownProgram();
  yield* write(`Server:\t\t${CLUSTER_DNS}\nAddress:\t${CLUSTER_DNS}:53\n\n`);
  if (found.length === 0) {
    yield* write(`** server can't find ${name}: NXDOMAIN\n\n`);
    return 1;
  }
  yield* write(`${found.map(told).join('')}\n`);
  return 0;
}

function told({ name, type, data }: { name: string; type: string; data: string }): string {
  if (type === 'A') return `Name:\t${name}\nAddress: ${data}\n`;
  const word = { CNAME: 'canonical name', PTR: 'name', SRV: 'service' }[type] ?? type;
  return `${name}\t${word} = ${data.replace(/\.$/, '')}\n`;
}

/** `dig +short name A`, `dig +noall +answer +search name SRV`, `dig -x 10.96.0.1`. */
export function* dig(args: readonly string[], context: ProcessContext): Process {
  const has = (flag: string): boolean => args.includes(`+${flag}`);
  const reverse = args.indexOf('-x');
  const words = args.filter((arg, index) => !/^[-+@]/.test(arg) && index !== reverse + 1);
  const type = reverse >= 0 ? 'PTR' : (words.find((word) => TYPES.includes(word.toUpperCase()))?.toUpperCase() ?? 'A');
  const name =
    reverse >= 0
      ? `${(args[reverse + 1] ?? '').split('.').toReversed().join('.')}.in-addr.arpa`
      : (words.find((word) => !/^(?:A|AAAA|CNAME|PTR|SRV|IN)$/i.test(word)) ?? '');
  const isQualified = !has('search') && !name.endsWith('.');
  const found = words.some((word) => word.toUpperCase() === 'AAAA')
    ? []
    : lookup(isQualified ? `${name}.` : name, type, context);
  if (has('short')) yield* write(found.map(({ data }) => `${data}\n`).join(''));
  else {
    const answer = found
      .map((record) => `${record.name}.\t${TTL_SECONDS}\tIN\t${record.type}\t${record.data}\n`)
      .join('');
    const status = found.length > 0 ? 'NOERROR' : 'NXDOMAIN';
    const head = `;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: 1\n\n;; ANSWER SECTION:\n`;
    yield* write((has('noall') ? '' : head) + answer);
  }
  return 0;
}

/** `getent hosts name`. */
export function* getent(args: readonly string[], context: ProcessContext): Process {
  const [database, name = ''] = args;
  const addresses = database === 'hosts' || database === 'ahosts' ? context.names?.resolve(name) : undefined;
  const full = context.names?.records(name, 'A')[0]?.name ?? name;
  yield* write((addresses ?? []).map((address) => `${address.padEnd(15)} ${full}\n`).join(''));
  return addresses ? 0 : 2;
}

/** The records of a name, and where it is only another's name those of that one. */
function lookup(name: string, type: string, { names }: ProcessContext): readonly DnsRecord[] {
  if (!names || !TYPES.includes(type)) return [];
  const found = names.records(name, type as RecordType);
  return found.length > 0 || type !== 'A' ? found : names.records(name, 'CNAME');
}
