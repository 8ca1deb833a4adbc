/** Reads the OpenMetrics text of a server of ours back into figures, for the command line. */

export interface OpenMetricsSample {
  /** With its suffix. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads what `openMetricsText` writes; `undefined` for a text that is none, or is not whole. */
export function parseOpenMetrics(text: string): readonly OpenMetricsSample[] | undefined {
  if (!text.endsWith('# EOF\n')) return undefined;
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const samples = lines.map(parseSample);
  return samples.some((sample) => sample === undefined) ? undefined : samples.filter((sample) => sample !== undefined);
}

function parseSample(line: string): OpenMetricsSample | undefined {
  const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || Number.isNaN(Number(value))) return undefined;
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [
    key,
    unescaped(text),
  ]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
