/**
 * A program of its own that asks the system's keychain one question. Apart because the native package blocks its thread for
 * as long as the keychain keeps silent: 50 ms at best and seconds at worst, in which a server could not answer anybody.
 *
 * It reads one line of JSON, answers with one, and ends; before that, when whoever asked is gone.
 */
import { createRequire } from 'node:module';
import type { KeychainAnswer, KeychainQuestion } from './ask-keychain.ts';

/** Under this name the entries are seen in the system's own view of its keychain. */
const SERVICE = 'inkling-language-server';

async function answer({ question, account, value }: KeychainQuestion): Promise<KeychainAnswer> {
  try {
    // Pinned: the package's second choice on Linux is the kernel's keyring, which every program of the user can read and a
    // restart empties.
    const { AsyncEntry } = loadPackage();
    const entry = new AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } });
    if (question === 'write') await entry.setPassword(value ?? '');
    if (question === 'remove') await entry.deletePassword();
    return { value: question === 'remove' ? null : ((await entry.getPassword()) ?? null) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** By `require`, which finds it from where the program lies, never from a workspace. */
function loadPackage(): typeof import('@napi-rs/keyring') {
  try {
    return createRequire(import.meta.url)('@napi-rs/keyring');
  } catch {
    throw new Error('its package @napi-rs/keyring is not installed or does not run here');
  }
}

let asked = '';
let isAnswering = false;
process.stdin.setEncoding('utf8');
process.stdin.on('data', (part: string) => {
  asked += part;
  const end = asked.indexOf('\n');
  if (end === -1 || isAnswering) return;
  isAnswering = true;
  void answer(JSON.parse(asked.slice(0, end)) as KeychainQuestion).then((given) => {
    process.stdout.write(`${JSON.stringify(given)}\n`, () => process.exit());
  });
});
process.stdin.on('end', () => process.exit());
