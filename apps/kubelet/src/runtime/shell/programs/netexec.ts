import { textResponse } from '../../simulated-http.ts';
import type { HttpRequest, HttpResponse } from '../../simulated-http.ts';
import { runProgram } from '../run-shell.ts';
import { serve, write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { flagsOf } from './program-flags.ts';

/** Clients have one port in the simulation. */
const CLIENT_PORT = 40000;

/** `agnhost netexec`: a server whose paths say who answers, echo, run commands and end it. */
export function* netexec(args: readonly string[], context: ProcessContext): Process {
  const flags = flagsOf(args);
  const port = Number(flags.get('http-port') ?? 8080);
  const udpPort = Number(flags.get('udp-port') ?? 8081);
  let isShuttingDown = false;
  context.listen?.(port, (request) => {
    const url = new URL(request.target, 'http://pod');
    context.log?.(`GET ${url.pathname}${url.search}\n`);
    if (url.pathname === '/shutdown') isShuttingDown = true;
    if (url.pathname === '/exit') context.exit?.(Number(url.searchParams.get('code') ?? 0));
    if (url.pathname === '/healthz') return isShuttingDown ? textResponse('', 412) : textResponse('');
    return answer(request, url, context);
  });
  context.listenDatagrams?.(udpPort, (text, from) => {
    const [word = '', ...rest] = text.trim().split(' ');
    switch (word.toLowerCase()) {
      case 'hostname':
        return context.hostname;
      case 'echo':
        return rest.join(' ');
      case 'clientip':
        return `${from}:${CLIENT_PORT}`;
      default:
        return undefined;
    }
  });
  yield* write(`Started HTTP server on port ${port}\nStarted UDP server on port  ${udpPort}\n`);
  return yield* serve();
}

function answer({ headers, body, from }: HttpRequest, url: URL, context: ProcessContext): HttpResponse {
  const query = url.searchParams;
  switch (url.pathname) {
    case '/':
      return textResponse(`NOW: ${context.now().toISOString()}`);
    case '/hostname':
    case '/hostName':
      return textResponse(context.hostname);
    case '/clientip':
      return textResponse(`${from ?? '127.0.0.1'}:${CLIENT_PORT}`);
    case '/dial':
      return dial(query, context);
    case '/echo': {
      const code = Number(query.get('code') ?? 200);
      return textResponse(query.get('msg') ?? body, code >= 100 && code < 600 ? code : 400);
    }
    case '/header':
      return textResponse(headers[(query.get('key') ?? '').toLowerCase()] ?? '');
    case '/redirect':
      return {
        status: Number(query.get('code') ?? 302),
        headers: { location: query.get('location') ?? '/' },
        body: '',
      };
    case '/shell':
      return textResponse(JSON.stringify(shell(query.get('shellCommand') ?? query.get('cmd') ?? '', context)));
    case '/exit':
    case '/shutdown':
      return textResponse('');
    default:
      return textResponse('404 page not found\n', 404);
  }
}

/** Asks another server, as often as it is told to, and says what that answered. */
function dial(query: URLSearchParams, { network, names }: ProcessContext): HttpResponse {
  const asked = query.get('request') ?? '';
  const port = Number(query.get('port') ?? 0);
  const address = names?.resolve(query.get('host') ?? '')?.[0] ?? '';
  const [responses, errors]: [string[], string[]] = [[], []];
  for (let tries = Number(query.get('tries') ?? 1); tries > 0; tries--) {
    const found = query.get('protocol') === 'udp' ? network?.datagrams(address, port) : network?.connect(address, port);
    if (found?.type !== 'connected') errors.push(`dial ${address}:${port}: ${found?.type ?? 'no network'}`);
    else if ('send' in found) responses.push(found.send(asked) ?? '');
    else responses.push(found.serve({ method: 'GET', target: `/${asked}`, headers: {}, body: '' }).body);
  }
  return textResponse(JSON.stringify({ responses, ...(errors.length > 0 ? { errors } : {}) }));
}

/** Runs to its end or to the first thing that takes time. */
function shell(command: string, context: ProcessContext): { output: string; error?: string } {
  let output = '';
  const process = runProgram(['sh', '-c', command], context);
  let step = process.next();
  for (; !step.done && step.value.type === 'write'; step = process.next()) output += step.value.text;
  const code = step.done ? step.value : 0;
  return { output, ...(code === 0 ? {} : { error: `exit status ${code}` }) };
}
