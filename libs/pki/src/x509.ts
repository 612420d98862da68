// The library finds its decorators' metadata only when this is loaded first.
import 'reflect-metadata';

export * from '@peculiar/x509';
