/**
 * Loaded before a program's own file. Ends the program with SIGTERM when its parent process has ended, also after a crash
 * of the parent.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
