/** Puts the licences of what is bundled beside it: most of them ask for that, and the bundle leaves the packages' own files behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

const FILE = 'THIRD-PARTY-LICENSES.txt';

/** A package that names no licence fails the build: then somebody has to look. */
export function thirdPartyLicences(): Plugin {
  return {
    name: 'third-party-licences',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []));
      const folders = [...new Set(modules.flatMap(packageFolder))].sort();
      this.emitFile({ type: 'asset', fileName: FILE, source: `${HEADING}\n${folders.map(describe).join('\n')}` });
    },
  };
}

const HEADING = 'This program contains the packages below, each under its own licence.\n';

/** The folder of the package a module belongs to: the innermost, where packages lie in packages. */
function packageFolder(moduleId: string): string[] {
  const match = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(moduleId);
  return match === null ? [] : [match[0].replace(/^\0/, '')];
}

function describe(folder: string): string {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`${name} names no licence.`);
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice|copying|thirdpartynotices)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const by = typeof author === 'string' ? author : author?.name;
  // Some packages are published without the text they name.
  if (texts.length === 0) texts.push(`Licensed under ${license}${by === undefined ? '' : ` by ${by}`}.`);
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n\n${texts.join('\n\n')}\n`;
}
