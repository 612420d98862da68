/** What `npm test` runs, in this order; each is an npm script of its own too (`npm run lint`, `npm run test:unit` …). */
export const TEST_STEPS = [
  { name: 'lint', title: 'Lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'imports', title: 'Import directions', command: ['node', 'tools/setup/check-imports.mjs'] },
  { name: 'format', title: 'Format', command: ['oxfmt', '--check', '.'] },
  { name: 'types', title: 'Types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'unit', title: 'Unit tests', command: ['vitest', 'run', '--project', 'unit'] },
  { name: 'integration', title: 'Integration tests, on real etcd', command: vitest('integration') },
  { name: 'chaos', title: 'Faults, on a highly available cluster under load', command: vitest('chaos') },
  { name: 'e2e', title: 'End-to-end tests, with real kubectl', command: vitest('e2e') },
];

function vitest(project) {
  return ['vitest', 'run', '--project', project, '--passWithNoTests'];
}
