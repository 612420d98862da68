import type { Process, ProcessContext } from '../process.ts';
import { agnhost } from './agnhost.ts';
import { chmod, dd, stat } from './file-tools.ts';
import { ls, mkdir, pwd, rm, test, touch } from './files.ts';
import { grep } from './grep.ts';
import { sed } from './sed.ts';
import { curl } from './curl.ts';
import { nc, nslookup, ping } from './network.ts';
import { perl } from './perl.ts';
import { sh } from './sh.ts';
import {
  date,
  env,
  fail,
  hostname,
  id,
  nproc,
  printenv,
  ps,
  seq,
  sleep,
  succeed,
  uname,
  which,
  whoami,
} from './system.ts';
import { tar } from './tar.ts';
import { cat, echo, head, printf, tail, wc } from './text.ts';
import { wget } from './wget.ts';
import { dockerEntrypoint, httpd, nginx } from './web-servers.ts';

export type Program = (args: readonly string[], context: ProcessContext) => Process;

/** Every program that exists inside a simulated container, by name. */
export const PROGRAMS: Readonly<Record<string, Program | undefined>> = Object.assign(Object.create(null) as object, {
  '[': test,
  agnhost,
  ash: sh,
  bash: sh,
  cat,
  chmod,
  curl,
  date,
  dd,
  'docker-entrypoint.sh': dockerEntrypoint,
  echo,
  env,
  false: fail,
  grep,
  head,
  hostname,
  'httpd-foreground': httpd,
  id,
  ls,
  mkdir,
  nc,
  netcat: nc,
  nginx,
  nproc,
  nslookup,
  perl,
  ping,
  printenv,
  printf,
  ps,
  pwd,
  rm,
  sed,
  seq,
  sh,
  sleep,
  stat,
  tail,
  tar,
  test,
  touch,
  true: succeed,
  uname,
  wc,
  wget,
  which,
  whoami,
});
