import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Where the continuous integration wants the results as JSON. */
const reportFile = process.env['SEAWORTHY_TEST_REPORT'];

/**
 * Three projects. `unit` needs neither root nor a lab and is what `npm run check` runs. `lab` starts the
 * embedded cluster with real processes and packets (root). `long` repeats the random comparisons at length.
 */
export default defineConfig({
  test: {
    reporters: reportFile === undefined ? ['default'] : ['default', 'json'],
    ...(reportFile === undefined ? {} : { outputFile: { json: reportFile } }),
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['src/testing/random-seed.ts'],
          include: ['{src,bench,e2e,scripts}/**/*.test.ts'],
          exclude: ['**/*.lab.test.ts', '**/*.long.test.ts'],
          // For what hangs; how long something takes on a busy machine is no test's business.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Files of one worker share the modules they import, which nearly halves the time; no module holds state of a test.
          isolate: false,
          // Many tests wait for processes and servers: one worker more than there are cores keeps those busy.
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'lab',
          setupFiles: ['src/testing/random-seed.ts'],
          include: ['{src,e2e}/**/*.lab.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // After the unit tests, so that a lab has the machine to itself.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'long',
          include: ['{src,e2e}/**/*.long.test.ts'],
          testTimeout: 900_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
