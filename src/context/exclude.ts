/** Decides whether a document's text may leave the machine, and names the rule that forbids it. Any rule that denies wins. */
import ignore, { type Ignore } from 'ignore';
import type { Log } from '../domain/ports.ts';
import type { WorkspaceRoots } from '../domain/text.ts';
import type { LocalFiles } from '../util/local-files.ts';
import { defaultExclusionOf } from './default-exclusions.ts';
import { placeOf, slashedPath } from './document-place.ts';
import { boundPattern, isRuleFile, readRuleFiles } from './ignore-files.ts';
import { pathsBelow, type RootedPath } from './relative-path.ts';
import { schemePolicy } from './scheme-policy.ts';

export interface Exclusion {
  /** Why the document is excluded, in words for the user; `undefined` where it is not. `patterns` add to the other rules. */
  reasonFor(uri: string, patterns: readonly string[]): string | undefined;
  /** Judges a document that was opened or saved, so that the next question is answered at once. */
  renew(uri: string): void;
  /** Its place may lead elsewhere when it comes again. A rule file is read again. */
  forget(uri: string): void;
  /** Reads the rule files, and asks for the projects' patterns, again: the roots or the projects have changed. */
  reset(): void;
}

export interface ExclusionOptions {
  readonly roots: WorkspaceRoots;
  readonly files: LocalFiles;
  /** Patterns that the project of a root adds for what lies below it. */
  projectPatterns(root: string): readonly string[];
  readonly log: Log;
}

/** One source of rules. Its exceptions (`!`) hold within it and lift nothing that another denies. */
interface RuleSet {
  readonly title: string;
  /** Absent where there are none. */
  readonly rules: Ignore | undefined;
}

/** Verdicts kept; more documents than anybody has open. */
const MAX_VERDICTS = 4_096;
/** Folders whose rule files are kept. */
const MAX_FOLDERS = 1_024;
/** Deeper paths are made by programs to make patterns slow. */
const MAX_DEPTH = 64;

export function createExclusion({ roots, files, log, projectPatterns }: ExclusionOptions): Exclusion {
  const verdicts = new Map<string, string | null>();
  const folderRules = new Map<string, readonly RuleSet[]>();
  const projectRules = new Map<string, RuleSet>();
  let settings = ruleSet('privacy.exclude', []);
  let settingsKey = '';
  /** The list itself: every edit asks, and hardly ever with another one. */
  let lastPatterns: readonly string[] = [];

  function useSettings(patterns: readonly string[]): void {
    if (patterns === lastPatterns) return;
    lastPatterns = patterns;
    const key = patterns.join('\n');
    if (key === settingsKey) return;
    settingsKey = key;
    settings = ruleSet('privacy.exclude', patterns.map(boundPattern));
    verdicts.clear();
  }

  function rulesOf(folder: string, root: string): readonly RuleSet[] {
    let rules = folderRules.get(folder);
    if (rules === undefined) {
      rules = readRuleFiles(folder, root, files, log).map(({ name, patterns }) => ruleSet(name, patterns));
      if (folderRules.size >= MAX_FOLDERS) folderRules.clear();
      folderRules.set(folder, rules);
    }
    return rules;
  }

  function matchProject({ root, path }: RootedPath): string | undefined {
    let rules = projectRules.get(root);
    if (rules === undefined) {
      rules = ruleSet('the project file', projectPatterns(root).map(boundPattern));
      projectRules.set(root, rules);
    }
    return match(rules, path);
  }

  /** The rule files of the root and of every folder from there to the document, each for what lies below it. */
  function matchRuleFiles({ root, path }: RootedPath): string | undefined {
    let folder = root.replace(/[/\\]$/, '');
    for (let rest = path; ; ) {
      const found = first(rulesOf(folder, root), (rules) => match(rules, rest));
      const slash = rest.indexOf('/');
      if (found !== undefined || slash === -1) return found;
      folder += `/${rest.slice(0, slash)}`;
      rest = rest.slice(slash + 1);
    }
  }

  function judge(uri: string): string | undefined {
    const { scheme, path } = placeOf(uri);
    if (schemePolicy(scheme) === 'never') return `documents of the kind "${scheme}:" are not sent`;
    if (path === undefined) return 'the address of the document is not safe to interpret';
    if (path.split('/').length > MAX_DEPTH) return `the path of the document is deeper than ${MAX_DEPTH} folders`;
    return judgePath(path) ?? judgeRealPath(scheme, path);
  }

  /** A link named `notes.txt` may lead to a key. */
  function judgeRealPath(scheme: string, path: string): string | undefined {
    if (scheme !== 'file' && scheme !== 'vscode-notebook-cell') return undefined;
    const real = files.realPath(path);
    return real === undefined || slashedPath(real) === path ? undefined : judgePath(slashedPath(real));
  }

  function judgePath(path: string): string | undefined {
    const whole = path.replace(/^(?:[a-z]:)?\/*/, '');
    const below = pathsBelow(path, roots.roots);
    const pattern = defaultExclusionOf(whole);
    if (pattern !== undefined) return `excluded by the default exclusion (${pattern})`;
    return (
      match(settings, whole) ??
      first(below, ({ path: relative }) => match(settings, relative)) ??
      first(below, matchProject) ??
      first(below, matchRuleFiles)
    );
  }

  function reset(): void {
    verdicts.clear();
    folderRules.clear();
    projectRules.clear();
  }

  function verdictOf(uri: string): string | undefined {
    let verdict = verdicts.get(uri);
    if (verdict === undefined) {
      verdict = judge(uri) ?? null;
      if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
      verdicts.set(uri, verdict);
    }
    return verdict ?? undefined;
  }

  function forget(uri: string): void {
    verdicts.delete(uri);
    if (isRuleFile(placeOf(uri).path ?? '')) reset();
  }

  return {
    reasonFor(uri, patterns) {
      useSettings(patterns);
      return verdictOf(uri);
    },
    renew(uri) {
      forget(uri);
      verdictOf(uri);
    },
    forget,
    reset,
  };
}

function ruleSet(title: string, patterns: readonly string[]): RuleSet {
  return { title, rules: patterns.length === 0 ? undefined : ignore().add(patterns) };
}

function match({ title, rules }: RuleSet, path: string): string | undefined {
  if (rules === undefined || !ignore.isPathValid(path)) return undefined;
  const { ignored, rule } = rules.test(path);
  return ignored ? `excluded by ${title}${rule === undefined ? '' : ` (${rule.pattern})`}` : undefined;
}

function first<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
