import type { Process, ProcessContext } from '../process.ts';
import { agnhost } from './agnhost.ts';
import { base64, digest, hexdump } from './bytes.ts';
import { basename, cp, dirname, mv } from './copy.ts';
import { chmod, chown, dd, stat } from './file-tools.ts';
import { ls, mkdir, pwd, rm, test, touch } from './files.ts';
import { cut, sort, tr, uniq } from './filters.ts';
import { grep } from './grep.ts';
import { sed } from './sed.ts';
import { curl } from './curl.ts';
import { dig, getent, nslookup } from './name-tools.ts';
import { nc, ping } from './network.ts';
import { perl } from './perl.ts';
import { sh } from './sh.ts';
import {
  date,
  env,
  fail,
  hostname,
  id,
  ip,
  nnp,
  nproc,
  printenv,
  ps,
  seq,
  sleep,
  succeed,
  sysctl,
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
  base64,
  basename,
  bash: sh,
  cat,
  chmod,
  chown,
  cp,
  curl,
  cut,
  date,
  dd,
  dig,
  dirname,
  'docker-entrypoint.sh': dockerEntrypoint,
  echo,
  env,
  false: fail,
  getent,
  grep,
  head,
  hexdump,
  hostname,
  'httpd-foreground': httpd,
  id,
  ip,
  ls,
  md5sum: digest('md5'),
  mkdir,
  mv,
  nc,
  netcat: nc,
  nginx,
  nnp,
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
  sha1sum: digest('sha1'),
  sha256sum: digest('sha256'),
  sha512sum: digest('sha512'),
  sleep,
  sort,
  stat,
  sysctl,
  tail,
  tar,
  test,
  touch,
  tr,
  true: succeed,
  uname,
  uniq,
  wc,
  wget,
  which,
  whoami,
});
