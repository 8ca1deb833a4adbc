/** Writes the manual page of all settings out of the schema, so that the two cannot differ. */
import { layerNames, layerTitles } from './issue.ts';
import { projectTree } from './project-schema.ts';
import { settingsTree } from './schema.ts';
import type { GroupNode, LeafNode, SettingNode } from './setting-tree.ts';
import { providerKinds, vendorOf } from './vendors.ts';

/** The page as Markdown; ends with a line break. */
export function settingsReference(): string {
  const { children } = settingsTree;
  const single = [...children].flatMap(([name, node]) => (node.kind === 'setting' ? [row(name, node)] : []));
  const sections = [...children].flatMap(([name, node]) => section(name, node));
  return `${[introduction, table(single), ...sections, profilesSection, projectSection()].join('\n\n')}\n`;
}

const introduction = `# Settings

<!-- Generated from the schema; edits here are lost. -->

Settings are JSON with comments in \`$XDG_CONFIG_HOME/inkling/config.json\` (by default \`~/.config/inkling/config.json\`;
\`%APPDATA%\\inkling\\config.json\` on Windows), and the same JSON as the editor's settings in the section \`inkling\`.
Layers, later ones win setting by setting: ${layerNames.map((name) => layerTitles[name]).join(' < ')}.
This session is what you choose by command; it holds until the settings change what you chose.

With no settings at all the offline engine completes code. To use a model, name a provider:

\`\`\`jsonc
{
  "provider": "openai" // its key is taken from OPENAI_API_KEY
}
\`\`\`

A wrong value is reported with what was expected, and the last good one stays in force. A change holds from the next request on.
\`inkling config show\` prints every value and where it comes from. Times are milliseconds.`;

const profilesSection = `## profiles

Only in the user file: named sets of settings, each shaped like the file itself. The one that \`--profile\`, the environment variable
\`INKLING_PROFILE\` or \`profile\` names is laid over the rest of the file.

\`\`\`jsonc
{
  "profiles": { "offline": { "provider": "workspace", "chat": { "provider": "workspace" } } }
}
\`\`\``;

function projectSection(): string {
  return `## The project file

A file \`.inkling.json\` at a workspace root, JSON with comments, says these for the files below it and nothing else: every other
name is refused with a message. It narrows what the layers come to; lists add to theirs. A change holds from the next request on.

${entryTable(rows(projectTree, ''))}`;
}

function section(name: string, node: SettingNode): string[] {
  if (node.kind === 'group') return [`## ${name}\n\n${node.description}`, table(rows(node, name))];
  if (node.kind !== 'table') return [];
  return [
    `## ${name}\n\n${node.description}`,
    kinds(),
    'Every entry takes these; all of them may be left out but for what its kind requires.',
    entryTable(rows(node.entry, `${name}.ID`)),
  ];
}

interface Row {
  readonly path: string;
  readonly leaf: LeafNode;
}

function rows(node: GroupNode, path: string): Row[] {
  return [...node.children].flatMap(([name, child]) => {
    const place = path === '' ? name : `${path}.${name}`;
    if (child.kind === 'setting') return [row(place, child)];
    return child.kind === 'group' ? rows(child, place) : [];
  });
}

function row(path: string, leaf: LeafNode): Row {
  return { path, leaf };
}

function table(settings: readonly Row[]): string {
  return markdownTable(
    ['setting', 'default', 'expected', 'meaning'],
    settings.map(({ path, leaf }) => [
      code(path),
      code(JSON.stringify(leaf.defaultValue)),
      leaf.expected,
      leaf.description,
    ]),
  );
}

function entryTable(settings: readonly Row[]): string {
  return markdownTable(
    ['setting', 'expected', 'meaning'],
    settings.map(({ path, leaf }) => [code(path), leaf.expected, leaf.description]),
  );
}

function kinds(): string {
  return markdownTable(
    ['kind', 'what it is', 'built in', 'model', 'baseUrl', 'key from'],
    providerKinds.map((kind) => {
      const { description, builtIn, defaults, requires, keyVariables, otherHosts = [] } = vendorOf(kind);
      const variables = [...keyVariables, ...otherHosts.flatMap((host) => host.keyVariables)];
      const value = (name: 'model' | 'baseUrl') => (requires.includes(name) ? 'required' : code(defaults[name] ?? ''));
      return [
        code(kind),
        description,
        builtIn ? 'yes' : 'no',
        value('model'),
        value('baseUrl'),
        variables.map(code).join(', '),
      ];
    }),
  );
}

function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
