/** Which languages can learn from each other's text: editors give one language several identifiers. */

const groups: readonly (readonly string[])[] = [
  ['typescript', 'typescriptreact', 'javascript', 'javascriptreact', 'tsx', 'jsx', 'vue', 'svelte', 'astro'],
  ['c', 'cpp', 'objective-c', 'objective-cpp', 'objc', 'objcpp', 'cuda', 'cuda-cpp'],
  ['css', 'scss', 'sass', 'less', 'stylus'],
  ['html', 'handlebars', 'htmldjango', 'jinja', 'jinja-html', 'eruby', 'erb', 'ejs'],
  ['shellscript', 'sh', 'bash', 'zsh', 'ksh'],
  ['csharp', 'cs', 'c-sharp'],
  ['json', 'jsonc', 'json5'],
  ['python', 'cython', 'starlark', 'bzl'],
  ['java', 'groovy', 'kotlin', 'scala'],
  ['elixir', 'heex', 'eex'],
  ['lisp', 'emacs-lisp', 'elisp', 'commonlisp', 'scheme'],
  ['ocaml', 'ocaml.interface', 'ocamlinterface'],
  ['make', 'makefile'],
  ['dockerfile', 'docker'],
  ['terraform', 'hcl', 'terraform-vars'],
  ['tex', 'latex', 'plaintex'],
];

const groupOf: ReadonlyMap<string, number> = new Map(
  groups.flatMap((languages, index) => languages.map((language) => [language, index] as const)),
);

export function isSameLanguageGroup(left: string, right: string): boolean {
  const group = groupOf.get(left);
  return left === right || (group !== undefined && group === groupOf.get(right));
}
