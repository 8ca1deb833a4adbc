/**
 * Renders the text around the cursor for models that were trained to fill in the middle. Each family has its own special
 * tokens; a server that is sent the wrong ones treats them as text. The templates are those of the model cards.
 *
 * Problems and recent edits are left out. Such a model was trained on files, not on diffs, and cannot be told what `-`
 * means: the deleted line that a diff shows is one more line it may copy, which is just what must not happen. What the
 * edits left behind it sees all the same, because the documents used last are those searched for similar code.
 */
import type { CodeContext } from '../../domain/code-context.ts';
import type { FimForm } from '../../domain/provider-entry.ts';
import { type ContextPart, fileParts, lineComment } from './context-text.ts';

export interface FimPrompt {
  readonly prompt: string;
  /** Given only where the request has a field of its own for it. */
  readonly suffix?: string;
  /** At most four: more are refused by several servers. */
  readonly stop: readonly string[];
}

interface Family {
  /** Every special token of the family: neutralised where it occurs in the user's text. */
  readonly markers: readonly string[];
  readonly stop: readonly string[];
  /** `before` begins with what is said of other files. */
  render(before: string, after: string): string;
  /** How another file is introduced, where the family was trained on whole repositories; else it becomes a comment. */
  file?(part: ContextPart): string;
}

const codeGemmaMarkers = ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|file_separator|>'];
const qwenMarkers = ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|file_sep|>', '<|repo_name|>'];

const families: Readonly<Record<Exclude<FimForm, 'none' | 'suffix'>, Family>> = {
  qwen: {
    markers: [...qwenMarkers, '<|fim_pad|>', '<|endoftext|>', '<|im_start|>', '<|im_end|>'],
    stop: ['<|endoftext|>', '<|file_sep|>', '<|fim_prefix|>', '<|im_end|>'],
    render: (before, after) => `<|fim_prefix|>${before}<|fim_suffix|>${after}<|fim_middle|>`,
  },
  codegemma: {
    markers: codeGemmaMarkers,
    stop: ['<|file_separator|>', '<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'],
    render: (before, after) => `<|fim_prefix|>${before}<|fim_suffix|>${after}<|fim_middle|>`,
  },
  starcoder: {
    markers: [
      '<fim_prefix>',
      '<fim_suffix>',
      '<fim_middle>',
      '<fim_pad>',
      '<file_sep>',
      '<repo_name>',
      '<|endoftext|>',
    ],
    stop: ['<|endoftext|>', '<file_sep>', '<fim_prefix>', '<fim_suffix>'],
    render: (before, after) => `<fim_prefix>${before}<fim_suffix>${after}<fim_middle>`,
  },
  codellama: {
    markers: ['<PRE>', '<SUF>', '<MID>', '<EOT>'],
    stop: ['<EOT>', '<PRE>', '<SUF>', '<MID>'],
    render: (before, after) => `<PRE> ${before} <SUF>${after} <MID>`,
  },
  deepseek: {
    markers: ['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>', '<｜end▁of▁sentence｜>'],
    stop: ['<｜end▁of▁sentence｜>', '<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'],
    render: (before, after) => `<｜fim▁begin｜>${before}<｜fim▁hole｜>${after}<｜fim▁end｜>`,
  },
  codestral: {
    markers: ['[SUFFIX]', '[PREFIX]', '[MIDDLE]', '</s>', '+++++ '],
    stop: ['</s>', '[PREFIX]', '[SUFFIX]', '\n+++++ '],
    render: (before, after) => `[SUFFIX]${after}[PREFIX]${before}`,
    file: ({ title, text }) => `+++++ ${title}\n${text}\n`,
  },
};

/** What makes a raw completion endpoint fill in the middle. The prompt holds each of the family's markers only where it belongs. */
export function fimPrompt(form: Exclude<FimForm, 'none'>, context: CodeContext): FimPrompt {
  if (form === 'suffix') {
    return { prompt: asComments(context) + context.prefix, suffix: context.suffix, stop: [] };
  }
  const family = families[form];
  const clean = (text: string) => escapeMarkers(text, family.markers);
  const prefix = clean(context.prefix);
  const after = clean(context.suffix);
  if (family.file === undefined) {
    return { prompt: family.render(clean(asComments(context)) + prefix, after), stop: family.stop };
  }
  const parts = fileParts(context).map(({ title, text }) => ({ title: clean(title), text: clean(text) }));
  const others = parts.map(family.file).join('');
  const own = parts.length === 0 ? '' : `+++++ ${clean(context.path)}\n`;
  return { prompt: family.render(others + own + prefix, after), stop: family.stop };
}

/** Every file other than the own one as a comment, and last the own path, so that the model knows what it is in. */
function asComments(context: CodeContext): string {
  const comment = lineComment(context.languageId);
  const parts: readonly ContextPart[] = [...fileParts(context), { title: context.path, text: '' }];
  return parts
    .flatMap(({ title, text }) => [`Path: ${title}`, ...(text === '' ? [] : text.replace(/\n$/, '').split('\n'))])
    .map((line) => `${comment} ${line}`.trimEnd())
    .join('\n')
    .concat('\n');
}

/** A blank after the first character: no longer a token, still readable. */
function escapeMarkers(text: string, markers: readonly string[]): string {
  let clean = text;
  for (const marker of markers) clean = clean.replaceAll(marker, `${marker.slice(0, 1)} ${marker.slice(1)}`);
  return clean;
}
