/** Reads a project's own settings file, which anybody may have written: what it may not say is refused by name. */
import { join } from 'node:path';
import type { LocalFiles } from '../util/local-files.ts';
import type { SettingsIssue } from './issue.ts';
import { keepLastGood, type LayerState } from './last-good.ts';
import { exclusionsOf, parseSettings } from './parse-settings.ts';
import { projectTree } from './project-schema.ts';
import { readLayer, type Said } from './read-layer.ts';
import { settingsTree } from './schema.ts';

export const projectFileName = '.inkling.json';

/** Bytes. Larger files, as larger ignore files, are no settings but an attempt to keep the server busy. */
const LARGEST_FILE = 64 * 1024;
const everything = { privacy: { exclude: ['**'] } };

/** The path of a root's project file. */
export function projectFilePath(root: string): string {
  return join(root, projectFileName);
}

/**
 * What holds of the file now, `undefined` where there is none. `before` is what held until now: it stays where the file, or
 * a value in it, cannot be used. A file that never could be read excludes everything in its folder, because nobody knows
 * what it was to exclude.
 */
export function readProjectFile(
  root: string,
  files: LocalFiles,
  before: ReadonlyMap<string, Said> | undefined,
): LayerState | undefined {
  const path = projectFilePath(root);
  if (files.realPath(path) === undefined) return undefined;
  const text = files.readText(path, LARGEST_FILE);
  if (text === undefined) {
    const issue = wholeFile(`a file of at most ${LARGEST_FILE} bytes that is no link`, 'something else');
    return { said: before ?? read(everything).said, issues: [issue] };
  }
  const { raw, mistake } = parse(text);
  if (mistake === undefined) return keepLastGood(read(raw), before);
  return {
    said: before ?? read(raw === undefined ? everything : exclusionsOf(raw)).said,
    issues: [wholeFile('JSON with comments', mistake)],
  };
}

function parse(text: string): ReturnType<typeof parseSettings> {
  try {
    return parseSettings(text);
  } catch {
    // The parser goes as deep as the text, and the stack does not.
    return { raw: undefined, mistake: 'deeper nesting than any setting has' };
  }
}

function read(raw: unknown) {
  const reading = readLayer(projectTree, raw, 'project');
  return { ...reading, issues: reading.issues.map(explained) };
}

/** Whoever wrote a setting of the user's into a project learns where it belongs. */
function explained(issue: SettingsIssue): SettingsIssue {
  if (!isSetting(issue.path.split('.')) || issue.got !== 'an unknown name') return issue;
  return {
    ...issue,
    expected:
      'nothing here: a project may switch completion off, exclude files and languages, add chat.instructions and set sizes in context',
    got: "a setting that is the user's alone",
  };
}

function isSetting(path: readonly string[]): boolean {
  let node: unknown = settingsTree;
  for (const name of path) {
    const children: unknown = typeof node === 'object' && node !== null ? Reflect.get(node, 'children') : undefined;
    node = children instanceof Map ? children.get(name) : undefined;
  }
  return node !== undefined || path.join('.') === 'profiles';
}

function wholeFile(expected: string, got: string): SettingsIssue {
  return { layer: 'project', path: '', expected, got };
}
