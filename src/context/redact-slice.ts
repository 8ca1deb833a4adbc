/** A part of a document without its secrets, those too that begin or end outside the part. */
import type { TextSnapshot } from '../domain/text.ts';
import { redact, SECRET_REACH } from './redact.ts';

export interface RedactedSlice {
  /** As long as what it stands for. */
  readonly text: string;
  /** How many secrets were replaced in it. */
  readonly redactions: number;
}

/** Where secrets are to be kept, what lies between the two offsets. */
export function redactedSlice(document: TextSnapshot, start: number, end: number): RedactedSlice {
  const before = document.slice(start - SECRET_REACH, start);
  const after = document.slice(end, end + SECRET_REACH);
  const inside = document.slice(start, end);
  if (endsLine(before) && (after === '' || endsLine(inside)) && !before.includes('PRIVATE KEY'))
    return counted(inside, 0, inside.length);
  return counted(before + inside + after, before.length, before.length + inside.length);
}

/** A secret other than a private key lies on one line, so whole lines hold it whole. */
function endsLine(text: string): boolean {
  return text === '' || text.endsWith('\n') || text.endsWith('\r');
}

function counted(text: string, start: number, end: number): RedactedSlice {
  const redacted = redact(text);
  return {
    text: redacted.text.slice(start, end),
    redactions: redacted.spans.filter((span) => span.start < end && span.end > start).length,
  };
}
