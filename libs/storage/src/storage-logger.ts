/** What storage wants of a logger; @pilothouse/component's `Logger` is one. */
export interface StorageLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
