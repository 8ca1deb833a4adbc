/** A plugin: the LSP library looks for these modules of Node at every start, for transports and lookups that we do not use. */
import type { Plugin } from 'rolldown';

const REQUIRES = /const (\w+) = require\("(crypto|child_process)"\);/g;

/** They are loaded when something of theirs is used. */
export function lazyBuiltins(): Plugin {
  return {
    name: 'lazy-builtins',
    transform: {
      filter: { id: /node_modules[\\/]vscode-(?:jsonrpc|languageserver)[\\/]lib[\\/]node[\\/]/ },
      handler: (code) => code.replace(REQUIRES, 'const $1 = new Proxy({}, { get: (_, name) => require("$2")[name] });'),
    },
  };
}
