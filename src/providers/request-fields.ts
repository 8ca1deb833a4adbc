/** Fields of a request that every wire has under some name. Apart because whose wish counts is the same for all of them. */
import type { ChatMessage } from '../domain/chat.ts';
import type { CompletionRequest, ProviderExtension } from '../domain/completion.ts';
import type { ProviderEntry } from '../domain/provider-entry.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The field, or nothing where there is no value for it. */
export function given(name: string, value: unknown): Fields {
  return value === undefined ? {} : { [name]: value };
}

/** The smaller limit; the other where one is absent. */
export function tighter(one: number, other: number | undefined): number;
export function tighter(one: number | undefined, other: number | undefined): number | undefined;
export function tighter(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** Messages with no more members than the wires know. */
export function plainMessages(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map(({ role, content }) => ({ role, content }));
}

/** A line is wanted: the server is told to stop there. `undefined` where nothing stops it. */
export function stopsFor({ shape }: CompletionRequest, stop: readonly string[]): readonly string[] | undefined {
  const stops = shape === 'line' ? ['\n', ...stop] : stop;
  return stops.length === 0 ? undefined : stops;
}

/** What the settings add, and what the request adds, which wins. */
export function addedFields(entry: ProviderEntry, extension: ProviderExtension | undefined): Fields {
  return { ...entry.requestOptions, ...extension };
}
