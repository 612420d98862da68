const SYSTEMS = ['darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'android', 'openharmony'];
const PROCESSORS = ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el'];

/** `darwin-arm64`, `linux-x64-musl`, `android-arm-eabi` at the end of a package's name, as npm's os and cpu. */
export function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = words.find((word) => SYSTEMS.includes(word));
  const cpu = words.find((word) => PROCESSORS.includes(word));
  return os && cpu ? { os: [os], cpu: [cpu] } : undefined;
}

/** Lock file entries for the optional platform packages that other entries name and that have none. */
export function missingPlatformPackages(packages) {
  const missing = {};
  for (const { optionalDependencies = {}, dev } of Object.values(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const path = `node_modules/${name}`;
      const platform = platformOf(name);
      // A range cannot be resolved without the registry; platform packages are pinned by whom they belong to.
      if (packages[path] || !platform || !/^\d/.test(version)) continue;
      missing[path] = { version, ...platform, ...(dev ? { dev: true } : {}), optional: true };
    }
  }
  return missing;
}
