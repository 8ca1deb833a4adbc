/** What may be done with a document by the scheme of its address: one table, so that the rule can be read. */

/**
 * `full`: a source the user writes; it may have neighbours and be one.
 * `alone`: completed from its own text only, and never shown beside another.
 * `never`: not written by hand; it stays on this machine.
 */
export type SchemePolicy = 'full' | 'alone' | 'never';

const policies: ReadonlyMap<string, SchemePolicy> = new Map([
  ['file', 'full'],
  ['untitled', 'full'],
  ['vscode-notebook-cell', 'full'],
  ['vscode-vfs', 'full'],
  ['vscode-remote', 'full'],
  // Other versions of files that are open anyway: as neighbours they would echo the text at the cursor.
  ['git', 'never'],
  ['gitfs', 'never'],
  ['gitlens', 'never'],
  ['git-graph', 'never'],
  ['svn', 'never'],
  ['review', 'never'],
  ['pr', 'never'],
  ['fugitive', 'never'],
  ['diffview', 'never'],
  // What programs print: logs, terminals, values of variables.
  ['output', 'never'],
  ['debug', 'never'],
  ['term', 'never'],
  ['vscode-terminal', 'never'],
  ['vscode-settings', 'never'],
  ['vscode-userdata', 'never'],
]);

export function schemePolicy(scheme: string): SchemePolicy {
  return policies.get(scheme) ?? 'alone';
}
