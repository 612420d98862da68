import { textResponse } from '../../simulated-http.ts';
import type { HttpRequest, HttpResponse } from '../../simulated-http.ts';
import { runProgram } from '../run-shell.ts';
import { serve, write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';
import { flagsOf } from './program-flags.ts';

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
  yield* write(`Started HTTP server on port ${port}\nStarted UDP server on port  ${udpPort}\n`);
  return yield* serve();
}

function answer({ headers, body }: HttpRequest, url: URL, context: ProcessContext): HttpResponse {
  const query = url.searchParams;
  switch (url.pathname) {
    case '/':
      return textResponse(`NOW: ${context.now().toISOString()}`);
    case '/hostname':
    case '/hostName':
      return textResponse(context.hostname);
    case '/clientip':
      return textResponse('127.0.0.1:40000');
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

/** Runs to its end or to the first thing that takes time. */
function shell(command: string, context: ProcessContext): { output: string; error?: string } {
  let output = '';
  const process = runProgram(['sh', '-c', command], context);
  let step = process.next();
  for (; !step.done && step.value.type === 'write'; step = process.next()) output += step.value.text;
  const code = step.done ? step.value : 0;
  return { output, ...(code === 0 ? {} : { error: `exit status ${code}` }) };
}
