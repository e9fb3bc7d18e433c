/**
 * Loaded before a program's own file: ends it as SIGTERM would when the process that started it is gone, however that
 * went.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
