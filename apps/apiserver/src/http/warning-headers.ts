/** Warnings that are longer than this together are cut, each to MAX_ITEM; what comes when as much is written is left out. */
const MAX_TOTAL = 4 * 1024;
const MAX_ITEM = 256;

/**
 * The `Warning` headers of an answer, in the order in which the warnings were said. Upstream: k8s.io/apiserver's
 * recorder of warnings, with lengths in characters.
 */
export function warningHeaders(texts: Iterable<string>): string[] {
  const warnings = [...texts].map((text) => [...text]).filter((text) => text.length > 0 && !hasControls(text));
  const full = warnings.reduce((sum, text) => sum + text.length, 0);
  if (full <= MAX_TOTAL) return warnings.map((text) => formatWarning(text.join('')));
  const headers: string[] = [];
  let written = 0;
  for (const text of warnings) {
    if (written >= MAX_TOTAL) break;
    const cut = text.slice(0, MAX_ITEM);
    written += cut.length;
    headers.push(formatWarning(cut.join('')));
  }
  return headers;
}

/** Upstream says nothing rather than something that cannot stand in a header. */
function hasControls(text: readonly string[]): boolean {
  return text.some((character) => /\p{Cc}/u.test(character));
}

/** RFC 7234 warning-value with upstream's agent `-`. Node writes headers byte by byte, and the text is UTF-8. */
function formatWarning(text: string): string {
  return `299 - "${Buffer.from(text).toString('latin1').replace(/["\\]/g, '\\$&')}"`;
}
