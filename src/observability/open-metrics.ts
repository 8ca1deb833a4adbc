/** The figures of this process as OpenMetrics 1.0 text, which Prometheus and its relatives read. Apart from how they are served. */
import { type Family, familiesOf, type ProcessStats, type Sample } from './metric-families.ts';

/** The media type that goes with the text. */
export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Ends with `# EOF`, as the specification wants it. Times are seconds. */
export function openMetricsText(stats: ProcessStats): string {
  return `${familiesOf(stats).map(familyText).join('')}# EOF\n`;
}

function familyText({ name, type, help, unit, samples }: Family): string {
  const head = [`# TYPE ${name} ${type}`, ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`])];
  const lines = samples.map(({ suffix, labels, value }) => `${name}${suffix}${labelText(labels)} ${value}`);
  return `${[...head, `# HELP ${name} ${help}`, ...lines].join('\n')}\n`;
}

function labelText(labels: Sample['labels']): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
