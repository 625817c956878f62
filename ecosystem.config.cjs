// pm2 keeps the daemon up: one process, fork mode. The data folder's lock refuses a second one.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

// The Node that `npm ci` brought, where there is one: the machine's own may be too old.
const bundled = join(__dirname, 'node_modules', 'node', 'bin', 'node');

module.exports = {
  apps: [
    {
      name: 'talkbell',
      cwd: __dirname,
      script: join(__dirname, 'src', 'talkbell.js'),
      args: 'start',
      interpreter: existsSync(bundled) ? bundled : 'node',
      // A third less memory for the same work: without the optimizing compilers, whose code and threads a daemon that
      // mostly waits does not earn back, and with garbage and freed memory given back early. A burst of work takes up to
      // a tenth longer. Measured by npm run bench -- memory round.
      node_args: ['--max-semi-space-size=1', '--no-maglev', '--no-turbofan'],
      env: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536', MALLOC_MMAP_THRESHOLD_: '32768' },
      exec_mode: 'fork',
      instances: 1,
      // Online only when schedule and delivery run; stopped in order: calls and token refreshes under way end first.
      wait_ready: true,
      listen_timeout: 30_000,
      kill_timeout: 15_000,
      // 78: wrong configuration or a second daemon, which no restart mends. Everything else is tried for ever.
      stop_exit_codes: [78],
      exp_backoff_restart_delay: 200,
      max_restarts: Number.MAX_SAFE_INTEGER,
      max_memory_restart: '512M',
      merge_logs: true,
      watch: false,
    },
  ],
};
