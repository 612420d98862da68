import { textResponse } from '../../simulated-http.ts';
import { runProgram } from '../run-shell.ts';
import { serve, write } from '../process.ts';
import type { Process, ProcessContext } from '../process.ts';

const NGINX_PAGE = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>This page comes from a simulated container.</p>
</body>
</html>
`;

/** Port 80 has the welcome page; what a configuration file may add is not known, so other ports stay a guess. */
export function* nginx(_: readonly string[], context: ProcessContext): Process {
  context.listen?.(80, ({ target }) => page(target, NGINX_PAGE));
  return yield* (context.unknownProgram ?? serve)();
}

export function* httpd(_: readonly string[], context: ProcessContext): Process {
  context.listen?.(80, ({ target }) => page(target, '<html><body><h1>It works!</h1></body></html>\n'));
  return yield* (context.unknownProgram ?? serve)();
}

/** The entry point of the nginx image: prepares, then runs what it is given. */
export function* dockerEntrypoint(args: readonly string[], context: ProcessContext): Process {
  yield* write('/docker-entrypoint.sh: Configuration complete; ready for start up\n');
  return yield* runProgram(args, context);
}

function page(target: string, body: string): ReturnType<typeof textResponse> {
  const path = target.split('?')[0];
  if (path !== '/' && path !== '/index.html') return textResponse('404 Not Found\n', 404);
  return { status: 200, headers: { 'content-type': 'text/html' }, body };
}
