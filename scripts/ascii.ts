/** A plugin: chunks in ASCII alone, so that reading them is copying bytes. */
import type { Plugin } from 'rolldown';

/** Escapes mean the same in names, strings, templates and regular expressions; only a raw template would show them. */
export function ascii(): Plugin {
  return {
    name: 'ascii',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue;
        if (/\\[^\0-\x7f]/.test(file.code)) this.error(`${file.fileName} escapes a letter that is not ASCII.`);
        file.code = file.code.replace(/[^\0-\x7f]/g, escapeOf);
      }
    },
  };
}

function escapeOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
