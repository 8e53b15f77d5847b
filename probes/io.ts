import io from '@pm2/io';

/** PM2's own figures of a process (event loop, HTTP, V8) take more of a processor than a backend's checks: lifeguard publishes its own only. */
io.init({ metrics: { eventLoop: false, network: false, http: false, runtime: false, v8: false }, profiling: false });

export { io };
