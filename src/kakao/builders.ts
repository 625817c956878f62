// Stands in until every import of withLink names build-link.ts, where it is.
export { withLink } from './build-link.ts';
