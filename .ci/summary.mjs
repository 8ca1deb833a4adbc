/** Prints how many tests really ran, as one plain line, and fails when one failed or was skipped. */
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
const brokenFiles = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
const failed = numFailedTests + brokenFiles.length;
const skipped = numPendingTests + numTodoTests;
for (const { name, message } of brokenFiles) process.stdout.write(`${name} did not run: ${message}\n`);
if (skipped > 0) process.stdout.write('Here nothing may be skipped.\n');
process.stdout.write(`${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed > 0 || skipped > 0 || numPassedTests === 0 ? 1 : 0;
