import { type FieldError, type FieldPath, forbiddenField, notSupported } from '@pilothouse/apimachinery';

const WINDOWS_SIGNALS = ['SIGKILL', 'SIGTERM'];

const realtime = (from: string, sign: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${from}${sign}${i + 1}`);

const LINUX_SIGNALS = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP'
    .split(' ')
    .map((name) => `SIG${name}`),
  ...'TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'.split(' ').map((name) => `SIG${name}`),
  ...realtime('SIGRTMIN', '+', 15),
  ...realtime('SIGRTMAX', '-', 14),
];

/** The signal that ends a container instead of the image's own (KEP-4960); it depends on the operating system. */
export function validateStopSignal(
  signal: string,
  os: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (os === undefined) {
    errors.push(forbiddenField(path, 'may not be set for containers with empty `spec.os.name`'));
    return;
  }
  const valid = os === 'windows' ? WINDOWS_SIGNALS : os === 'linux' ? LINUX_SIGNALS : undefined;
  if (valid && !valid.includes(signal)) errors.push(notSupported(path, signal, valid));
}
