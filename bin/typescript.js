// A preload (node --import) for TypeScript apps under a Node that does not strip types itself: registers tsx in this same process,
// and says so where PM2 looks before it complains about a missing ts-node.
try {
  await import('tsx');
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error(`error: Node ${process.version} cannot run TypeScript by itself: npm install tsx, or use Node 22.18 or newer.`);
  process.exit(78); // EX_CONFIG
}

Object.defineProperty(process.features, 'typescript', { value: 'transform', configurable: true });
