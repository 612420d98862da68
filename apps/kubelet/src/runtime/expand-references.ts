/**
 * `$(NAME)` in command, args and variables; `$$(NAME)` for that text itself, and an unknown name stays as it is.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function expandReferences(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(\$|\(([A-Za-z_.-][\w.-]*)\))/g, (whole, inner: string, name: string) =>
    inner === '$' ? '$' : Object.hasOwn(env, name) ? env[name]! : whole,
  );
}
