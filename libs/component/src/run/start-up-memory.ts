/** Long enough for caches to be filled and the first work to be done. */
const SETTLED_MS = 4000;

/**
 * Starting leaves garbage (sources, parsed schemas, first lists) that V8 has no reason to collect in a process that then
 * idles. Whoever cares about memory at rest starts Node with `--expose-gc`, and it is collected once.
 */
export function giveBackStartUpMemory(): void {
  const { gc } = globalThis;
  if (gc) setTimeout(() => void gc({ type: 'major', flavor: 'last-resort', execution: 'async' }), SETTLED_MS).unref();
}
