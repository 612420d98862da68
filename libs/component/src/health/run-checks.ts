import type { HealthCheck, HealthEndpoint } from './health.ts';

export interface HealthReport {
  readonly passed: boolean;
  /** One line per check, then the verdict, as k8s.io/apiserver/pkg/server/healthz writes them. */
  readonly text: string;
  /** The reasons are withheld from the answer and belong in the log. */
  readonly failures: ReadonlyMap<string, unknown>;
  /** The names of all that were asked. */
  readonly asked: readonly string[];
}

export async function runChecks(
  endpoint: HealthEndpoint,
  checks: readonly HealthCheck[],
  excluded: ReadonlySet<string>,
): Promise<HealthReport> {
  const failures = new Map<string, unknown>();
  const outcomes = await Promise.all(
    checks.map(async (check) => (excluded.has(check.name) ? undefined : attempt(check))),
  );
  let text = '';
  checks.forEach(({ name }, i) => {
    const outcome = outcomes[i];
    if (excluded.has(name)) {
      text += `[+]${name} excluded: ok\n`;
    } else if (outcome && 'error' in outcome) {
      failures.set(name, outcome.error);
      text += `[-]${name} failed: reason withheld\n`;
    } else {
      text += `[+]${name} ok${outcome?.remark ? `: ${outcome.remark}` : ''}\n`;
    }
  });
  const unknown = [...excluded].filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    const names = unknown.map((name) => JSON.stringify(name)).join(', ');
    text += `warn: some health checks cannot be excluded: no matches for ${names}\n`;
  }
  const passed = failures.size === 0;
  const asked = checks.flatMap(({ name }) => (excluded.has(name) ? [] : [name]));
  return { passed, failures, asked, text: `${text}${endpoint} check ${passed ? 'passed' : 'failed'}\n` };
}

async function attempt(check: HealthCheck): Promise<{ error: unknown } | { remark: string | undefined }> {
  try {
    return { remark: (await check.check()) || undefined };
  } catch (error) {
    return { error };
  }
}
