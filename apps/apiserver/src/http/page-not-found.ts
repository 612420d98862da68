import { pathNotFound, StatusError } from '@pilothouse/apimachinery';

/**
 * A path below which nothing is served at all. Upstream's router answers it in plain text; a Status says that something
 * is missing only inside a group version that is served, where the path has already found its handlers.
 */
export class PageNotFound extends StatusError {
  readonly text = '404 page not found\n';

  constructor() {
    super(pathNotFound().status);
  }
}
