import { networkInterfaces } from 'node:os';

/** Where others reach a server that listens everywhere: its first address that is not loopback, if it has one. */
export function advertiseAddress(advertised: string, bindAddress: string): string {
  if (advertised !== '') return advertised;
  if (bindAddress !== '0.0.0.0' && bindAddress !== '::') return bindAddress;
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = addresses.find(({ internal, family }) => !internal && family === 'IPv4');
  return outside?.address ?? '127.0.0.1';
}
