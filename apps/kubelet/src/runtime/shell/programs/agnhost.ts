import { parseDurationMs } from '../../../stages/duration.ts';
import { textResponse } from '../../simulated-http.ts';
import type { HttpRequest, HttpResponse } from '../../simulated-http.ts';
import { resolvePath } from '../file-path.ts';
import { serve, write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { mounttest } from './mounttest.ts';
import { grpcHealthChecking } from './grpc-health-checking.ts';
import { connect } from './network.ts';
import { netexec } from './netexec.ts';
import { flagsOf } from './program-flags.ts';

/**
 * The image that Kubernetes' own tests run most: one program with many subcommands, of which those with a simple
 * answer are simulated. https://github.com/kubernetes/kubernetes/tree/master/test/images/agnhost#readme
 */
export function* agnhost(args: readonly string[], context: ProcessContext): Process {
  const subcommand = SUBCOMMANDS[args[0] ?? ''];
  if (subcommand) return yield* subcommand(args.slice(1), context);
  if (context.unknownProgram) return yield* context.unknownProgram();
  yield* write(`Error: unknown command "${args[0] ?? ''}" for "app"\nRun 'app --help' for usage.\n`, 'stderr');
  return 1;
}

type Subcommand = (args: readonly string[], context: ProcessContext) => Process;

const SUBCOMMANDS: Readonly<Record<string, Subcommand | undefined>> = Object.assign(Object.create(null) as object, {
  connect,
  'dns-server-list': (_, context) => print(resolvConf(context, 'nameserver').join(',')),
  'dns-suffix': (_, context) => print(resolvConf(context, 'search').join(',')),
  'entrypoint-tester': (args) => print(`[${['/agnhost', 'entrypoint-tester', ...args].join(' ')}]`),
  'etc-hosts': (_, context) => write0(context.files.read('/etc/hosts') ?? ''),
  'grpc-health-checking': grpcHealthChecking,
  help: () => print('Usage:\n  app [command]'),
  liveness,
  'logs-generator': logsGenerator,
  mounttest,
  netexec,
  pause,
  porter,
  'serve-hostname': serveHostname,
  'test-webserver': testWebserver,
} satisfies Record<string, Subcommand>);

function* print(text: string): Process {
  return yield* write0(`${text}\n`);
}

function* write0(text: string): Process {
  yield* write(text);
  return 0;
}

function resolvConf({ files }: ProcessContext, keyword: string): string[] {
  const lines = (files.read('/etc/resolv.conf') ?? '').split('\n');
  return lines.filter((line) => line.startsWith(`${keyword} `)).flatMap((line) => line.split(' ').slice(1));
}

function* pause(): Process {
  yield* write('Paused\n');
  return yield* serve();
}

/** Good for ten seconds, then bad: the server of the liveness probes in Kubernetes' documentation. */
function* liveness(_: readonly string[], context: ProcessContext): Process {
  const startedAtMs = context.now().getTime();
  context.listen?.(8080, ({ target }: HttpRequest): HttpResponse => {
    const seconds = (context.now().getTime() - startedAtMs) / 1000;
    const path = target.split('?')[0];
    if (path === '/started') return textResponse(`${seconds.toFixed(3)}s`);
    if (path !== '/healthz') return textResponse('404 page not found\n', 404);
    return seconds > 10 ? textResponse(`error: ${seconds.toFixed(3)}`, 500) : textResponse('ok');
  });
  return yield* serve();
}

function* serveHostname(args: readonly string[], context: ProcessContext): Process {
  const port = Number(flagsOf(args).get('port') ?? 9376);
  context.listen?.(port, () => textResponse(context.hostname));
  yield* write(`Serving on port ${port}.\n`);
  return yield* serve();
}

/** Says at each port what the variable `SERVE_PORT_<port>` holds; TLS ends before the simulation begins. */
function* porter(args: readonly string[], context: ProcessContext): Process {
  const asJson = flagsOf(args).has('json-response');
  for (const [name, text] of Object.entries(context.env)) {
    const [, port] = /^SERVE_(?:TLS_)?PORT_(\d+)$/.exec(name) ?? [];
    if (port === undefined) continue;
    context.listen?.(Number(port), ({ method }) =>
      asJson
        ? textResponse(JSON.stringify({ Method: method, Body: text }))
        : { status: 200, headers: { 'content-type': sniffed(text) }, body: text },
    );
  }
  return yield* serve();
}

/** Go's servers look at what they say: https://pkg.go.dev/net/http#DetectContentType */
function sniffed(text: string): string {
  const isHtml = /^\s*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >]/i;
  return isHtml.test(text) ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
}

/** Serves the files of its container. */
function* testWebserver(args: readonly string[], context: ProcessContext): Process {
  context.listen?.(Number(flagsOf(args).get('port') ?? 80), ({ target }) => {
    const path = resolvePath('/', target.split('?')[0]!);
    const content = context.files.read(path);
    if (content !== undefined) return textResponse(content);
    const entries = context.files.listDirectory(path);
    return entries
      ? textResponse(`<pre>\n${entries.map((name) => `<a href="${name}">${name}</a>\n`).join('')}</pre>\n`)
      : textResponse('404 page not found\n', 404);
  });
  return yield* serve();
}

function* logsGenerator(args: readonly string[], context: ProcessContext): Process {
  const flags = flagsOf(args);
  const total = Number(flags.get('log-lines-total') ?? flags.get('t') ?? 0);
  const durationMs = parseDurationMs(flags.get('run-duration') ?? flags.get('d') ?? '1s') ?? 1000;
  for (let line = 0; line < total; line++) {
    const iso = context.now().toISOString();
    const stamp = `${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000`;
    yield* write(`I${stamp}       1 logs_generator.go:76] ${line} GET /api/v1/namespaces/default/pods/${line} 200\n`);
    yield { type: 'sleep', ms: durationMs / total };
  }
  return 0;
}
