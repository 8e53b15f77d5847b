// A preload (node --import) for TypeScript apps under a Node that does not strip types itself: registers tsx in this same process,
// and says so where PM2 looks before it complains about a missing ts-node.
import 'tsx';

Object.defineProperty(process.features, 'typescript', { value: 'transform', configurable: true });
