/** Replaces what is surely a secret by a placeholder of the same length, so that offsets, lines and budgets stay true. */

export interface Redacted {
  readonly text: string;
  /** Where something was replaced, in order; half-open, in code units. */
  readonly spans: readonly { readonly start: number; readonly end: number }[];
}

interface Rule {
  readonly pattern: RegExp;
  /** Is in every match, and found much faster than the pattern tries every word. */
  readonly hint?: string;
  /** Cheap: keeps what only looks like the secret. */
  readonly accepts?: (secret: string) => boolean;
}

/**
 * Keys that say by their beginning whose they are. Every repetition is bounded, and none begins inside a run of the
 * characters it is made of, so that time grows with the text alone.
 */
const prefixed = [
  '(?:xai|gsk|pplx|csk|r8|hf|nvapi|tgp_v1|fw|dop_v1|npm|lin_api|secret|ntn|shpat|shpss|PMAK)[_-][A-Za-z0-9]{30,250}',
  'gh[pousr]_[A-Za-z0-9]{36,255}',
  'github_pat_\\w{22,255}',
  'gl(?:pat|dt|rt|ptt|oas|soat)-[\\w-]{20,64}',
  'AIza[\\w-]{35}',
  'ya29\\.[\\w-]{20,400}',
  'GOCSPX-[\\w-]{28}',
  '(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}',
  '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,250}',
  'whsec_[A-Za-z0-9+/=]{24,90}',
  'pypi-AgE[\\w-]{50,1000}',
  'SG\\.[\\w-]{16,32}\\.[\\w-]{32,64}',
  '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![\\w-])',
  'eyJ[\\w-]{10,4096}\\.eyJ[\\w-]{10,4096}\\.[\\w-]{10,1024}', // JSON Web Token
].join('|');

/** Where a rule has a group, the group is the secret. */
const rules: readonly Rule[] = [
  // What `(?<![\w-])` says, in half the time: all of them begin with a letter.
  { pattern: new RegExp(`\\b(?<!-)(?:${prefixed})`, 'gd') },
  // OpenAI, Anthropic, OpenRouter, DeepSeek and those who copied them; class names of web pages begin alike.
  { pattern: /(?<![\w-])sk-[\w-]{20,250}/dg, accepts: isRandom },
  {
    pattern:
      /(?:secret_?access_?key|aws_?secret_?key)["']?\s{0,4}[:=]>?\s{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/dgi,
  },
  { pattern: /AccountKey=([A-Za-z0-9+/]{86}==)/dg },
  { pattern: /_authToken\s{0,4}=\s{0,4}([\w.+/=-]{16,512})/dg, accepts: isRandom },
  { pattern: /\bbearer\s{1,4}([\w.~+/=-]{20,2048})/dgi, accepts: isRandom },
  { pattern: /hooks\.slack\.com\/services\/(T\w{6,14}\/B\w{6,14}\/\w{16,40})/dg },
  { pattern: /(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])/dg, hint: ':AA' }, // Telegram
  {
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/?#"'`<>]{0,100}:([^\s@/"'`<>]{3,200})@/dgi,
    hint: '://',
    accepts: isLiteral,
  },
];

const PRIVATE_KEY_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const PRIVATE_KEY_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** Code units: longer than any secret. A text must reach this far beyond what is shown of it for a cut secret to be seen. */
export const SECRET_REACH = 8_192;

export function redact(text: string): Redacted {
  const found = [...privateKeys(text), ...rules.flatMap((rule) => matchesOf(text, rule))];
  if (found.length === 0) return { text, spans: [] };
  const spans = merge(found);
  let redacted = '';
  let done = 0;
  for (const { start, end } of spans) {
    redacted += text.slice(done, start) + placeholder(text.slice(start, end));
    done = end;
  }
  return { text: redacted + text.slice(done), spans };
}

function matchesOf(text: string, { pattern, hint, accepts }: Rule): Span[] {
  const spans: Span[] = [];
  if (hint !== undefined && !text.includes(hint)) return spans;
  for (const match of text.matchAll(pattern)) {
    const [start, end] = match.indices?.[1] ?? match.indices?.[0] ?? [0, 0];
    const secret = text.slice(start, end);
    if (!isPlaceholder(secret) && (accepts === undefined || accepts(secret))) spans.push({ start, end });
  }
  return spans;
}

/** What lies between the marker lines; without an end, as far as a key may reach. */
function privateKeys(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = 0; ; ) {
    PRIVATE_KEY_BEGIN.lastIndex = at;
    const begin = PRIVATE_KEY_BEGIN.exec(text);
    if (begin === null) return spans;
    const start = begin.index + begin[0].length;
    PRIVATE_KEY_END.lastIndex = 0;
    const end = PRIVATE_KEY_END.exec(text.slice(start, start + SECRET_REACH));
    at = end === null ? Math.min(start + SECRET_REACH, text.length) : start + end.index;
    const body = text.slice(start, at);
    if (/[^\s*]/.test(body) && !isPlaceholder(body.trim())) spans.push({ start, end: at });
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function merge(found: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of found.toSorted((left, right) => left.start - right.start || right.end - left.end)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { start: last.start, end: span.end };
  }
  return merged;
}

const MARK = 'REDACTED';

/** Keeps the line ends. Says what it is where there is room, because a model copies what it sees. */
function placeholder(secret: string): string {
  const stars = secret.replace(/[^\r\n]/g, '*');
  return /^\*{8}/.test(stars) ? MARK + stars.slice(MARK.length) : stars;
}

function isPlaceholder(secret: string): boolean {
  return /^(?:REDACTED)?\*{0,16}(?:$|\*)/.test(secret);
}

/** Words joined by hyphens are no key: a key has a digit, and twelve letters or digits in a row. */
function isRandom(secret: string): boolean {
  return /\d/.test(secret) && /[A-Za-z0-9]{12}/.test(secret);
}

/** A password that is put in at run time is no secret of this text. */
function isLiteral(secret: string): boolean {
  return !/^[${%([]/.test(secret);
}
