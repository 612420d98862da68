export { controllers } from './controllers/index.ts';
