/**
 * A plugin: modules of Node and parts of packages that are asked for at start, or with the first call to a model, and then
 * not needed there. Loading each takes 0.3 to 2 ms, and an editor waits for it.
 */
import type { Plugin } from 'rolldown';

/** `tls` and `http2` wait for an address that needs them, the rest for a feature that does. */
const BUILTINS = ['child_process', 'crypto', 'fs/promises', 'module', 'tls', 'worker_threads'];
const REQUIRES = new RegExp(`\\b(\\w+) = require\\("((?:node:)?(?:${BUILTINS.join('|')}))"\\)`, 'g');

/** HTTP/2 is not spoken, but undici's client loads it, and with it all of Node's. */
const HTTP2 = /const connectH2 = require\('(\.\/client-h2\.js)'\)/;

/** A name for the module that loads it when something of it is used. */
export function loadOnUse(): Plugin {
  return {
    name: 'load-on-use',
    transform: {
      filter: { id: /node_modules[\\/]undici[\\/]lib[\\/]dispatcher[\\/]client\.js$/ },
      handler(code) {
        if (!HTTP2.test(code)) this.error('undici no longer loads HTTP/2 where it did.');
        return code.replace(HTTP2, "const connectH2 = (...call) => require('$1')(...call)");
      },
    },
    renderChunk: (code) =>
      code.replace(REQUIRES, (whole, name: string, id: string) => {
        // What is wrapped once more is copied name by name, and of these there are no names yet.
        const isWrapped = new RegExp(`\\b${name} = [\\w.$]+\\(${name}\\b`).test(code);
        return isWrapped ? whole : `${name} = new Proxy({}, { get: (_, member) => require("${id}")[member] })`;
      }),
  };
}
