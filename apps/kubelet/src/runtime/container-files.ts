/** The files of a container that exist in the simulation, by absolute path. */
export type ContainerFiles = Readonly<Record<string, string>>;
