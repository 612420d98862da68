import type { Process, ProcessContext } from '../process.ts';
import { agnhost } from './agnhost.ts';
import { ls, mkdir, pwd, rm, test, touch } from './files.ts';
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
import { cat, echo, grep, head, printf, tail, wc } from './text.ts';
import { dockerEntrypoint, httpd, nginx } from './web-servers.ts';

export type Program = (args: readonly string[], context: ProcessContext) => Process;

/** Every program that exists inside a simulated container, by name. */
export const PROGRAMS: Readonly<Record<string, Program | undefined>> = Object.assign(Object.create(null) as object, {
  '[': test,
  agnhost,
  ash: sh,
  bash: sh,
  cat,
  date,
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
  nginx,
  nproc,
  perl,
  printenv,
  printf,
  ps,
  pwd,
  rm,
  seq,
  sh,
  sleep,
  tail,
  tar,
  test,
  touch,
  true: succeed,
  uname,
  wc,
  which,
  whoami,
});
