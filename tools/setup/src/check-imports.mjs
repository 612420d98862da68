import { dirname, join, relative, resolve, sep } from 'node:path';
import { MAY_IMPORT, ONLY_IN, PURE, TESTS_MAY_ALSO_IMPORT } from './import-rules.mjs';

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`, at the start of a statement or expression. */
const IMPORT = /(?:^|[^\w.'"`/*])(?:import|export)\s*(?:type\s+)?(?:[\w*\s{},$]+?\sfrom\s*)?\(?\s*['"]([^'"\n]+)['"]/gm;

/** Every module that a source file names. */
export function importsOf(source) {
  return [...source.matchAll(IMPORT)].map((match) => match[1]);
}

/** `libs/<name>/…` and `apps/<name>/…` belong to a project; everything else to none. */
export function projectOf(path) {
  const match = /^(?:libs|apps)\/([^/]+)\//.exec(path.split(sep).join('/'));
  return match?.[1];
}

/** What is wrong with one file's imports, as sentences; `declared` are the dependencies of its project's package.json. */
export function violationsOf(path, source, declared) {
  const project = projectOf(path);
  if (!project) return [];
  if (!MAY_IMPORT[project]) return [`project ${project} is not in tools/setup/src/import-rules.mjs`];
  const isTest = /\.test\.ts$|\/(testing|test-server)\//.test(path);
  const allowed = [...MAY_IMPORT[project], project, ...(isTest ? TESTS_MAY_ALSO_IMPORT : [])];
  return importsOf(source).flatMap((specifier) => {
    if (specifier.startsWith('.')) return relativeViolation(path, project, specifier);
    const ours = /^@pilothouse\/([^/]+)(\/.*)?$/.exec(specifier);
    if (!ours) return outsideViolation(project, specifier, isTest);
    const [, name, deep] = ours;
    if (deep) return [`${specifier} reaches into ${name}: import @pilothouse/${name}`];
    if (!allowed.includes(name)) return [`${project} may not import ${name}`];
    if (name !== project && !declared.has(specifier))
      return [`${specifier} is not a dependency in the package.json of ${project}`];
    return [];
  });
}

function relativeViolation(path, project, specifier) {
  const target = relative('/', resolve('/', dirname(path), specifier));
  return projectOf(`${target}/`) === project ? [] : [`${specifier} leaves the project: import by package name`];
}

function outsideViolation(project, specifier, isTest) {
  if (PURE.projects.includes(project) && !isTest && PURE.never.test(specifier))
    return [`${project} is pure and may not import ${specifier}`];
  return ONLY_IN.filter(({ what, projects }) => what.test(specifier) && !projects.includes(project) && !isTest).map(
    ({ why }) => `${specifier} is imported here, but ${why}`,
  );
}

/** Where a project's package.json is, from the path of one of its files. */
export function manifestOf(root, path) {
  return join(root, ...path.split(sep).slice(0, 2), 'package.json');
}
