/**
 * Remembers which parameters a model refused. Models change monthly and servers differ; a parameter that only tunes the
 * answer is left out after the first refusal instead of failing every call until a table is corrected.
 */
import { HttpFailure, knownCause } from './http/http-failure.ts';
import { member, textMember } from './http/json.ts';
import type { Fields } from './request-fields.ts';

/** What a wire can do without. */
export interface RefusableParameters {
  /** Without these there is still an answer. */
  readonly droppable: readonly string[];
  /** A parameter that some servers know only by its other name. */
  readonly otherName?: Readonly<Record<string, string>>;
}

/** What models refused, by their names. */
export interface Refusals<Body> {
  /** The body without what this model refused before. */
  without(body: Body, model: string): Body;
  /** Learns from what a call with this body threw; true when the call is worth repeating without the parameter it names. */
  learn(thrown: unknown, body: Body, model: string): boolean;
}

export function createRefusedParameters<Body extends Fields>(
  { droppable, otherName = {} }: RefusableParameters,
  onRefusal: (parameter: string, model: string) => void,
): Refusals<Body> {
  const refused = new Map<string, Set<string>>();
  return {
    without(body, model) {
      const parameters = refused.get(model);
      if (parameters === undefined) return body;
      const entries = Object.entries(body).flatMap(([name, value]) => {
        if (!parameters.has(name)) return [[name, value] as const];
        const other = otherName[name];
        return other === undefined || parameters.has(other) ? [] : [[other, value] as const];
      });
      // Only tuning parameters are ever left out, none of which a caller's type asks for.
      return Object.fromEntries(entries) as typeof body;
    },
    learn(thrown, body, model) {
      const failure = knownCause(thrown);
      if (!(failure instanceof HttpFailure) || (failure.status !== 400 && failure.status !== 422)) return false;
      const sent = Object.keys(body).filter((name) => droppable.includes(name));
      const parameter = namedParameter(failure.body, sent);
      if (parameter === undefined) return false;
      const parameters = refused.get(model) ?? new Set();
      refused.set(model, parameters.add(parameter));
      onRefusal(parameter, model);
      return true;
    },
  };
}

/** Which of the sent parameters an error names: in its `param`, or quoted, before a colon or called a parameter in its sentence. */
function namedParameter(failureBody: unknown, sent: readonly string[]): string | undefined {
  const error = member(failureBody, 'error') ?? failureBody;
  const sentence = typeof error === 'string' ? error : (textMember(error, 'message') ?? JSON.stringify(error) ?? '');
  const param = textMember(error, 'param')?.split('.')[0];
  if (param !== undefined && sent.includes(param)) return param;
  return sent.find((name) =>
    new RegExp(`^${name}[.:]|(['"\`]|(parameter|argument|param|field)s?:? +)${name}\\b`, 'i').test(sentence),
  );
}
