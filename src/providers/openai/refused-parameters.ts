/**
 * Remembers which parameters a model refused. Models change monthly and servers differ; a parameter that only tunes the
 * answer is left out after the first refusal instead of failing every call until a table is corrected.
 */
import { HttpFailure } from '../http/http-failure.ts';
import { member, textMember } from '../http/json.ts';
import type { WireBody } from './convert-request.ts';
import { knownCause } from './map-error.ts';

/** Without these there is still an answer. */
const droppable: ReadonlySet<string> = new Set([
  'stop',
  'temperature',
  'reasoning_effort',
  'thinking',
  'chat_template_kwargs',
  'stream_options',
  'store',
  'max_tokens',
  'max_completion_tokens',
]);

/** A limit a server knows only by its other name. */
const otherName: Readonly<Record<string, string>> = {
  max_tokens: 'max_completion_tokens',
  max_completion_tokens: 'max_tokens',
};

export interface RefusedParameters {
  /** The body without what its model refused before. */
  without<Body extends WireBody>(body: Body): Body;
  /** Learns from what a call with this body threw; true when the call is worth repeating without the parameter it names. */
  learn(thrown: unknown, body: WireBody): boolean;
}

export function createRefusedParameters(onRefusal: (parameter: string, model: string) => void): RefusedParameters {
  const refused = new Map<string, Set<string>>();
  return {
    without(body) {
      const parameters = refused.get(body.model);
      if (parameters === undefined) return body;
      const entries = Object.entries(body).flatMap(([name, value]) => {
        if (!parameters.has(name)) return [[name, value] as const];
        const other = otherName[name];
        return other === undefined || parameters.has(other) ? [] : [[other, value] as const];
      });
      // Only tuning parameters are ever left out, none of which a caller's type asks for.
      return Object.fromEntries(entries) as typeof body;
    },
    learn(thrown, body) {
      const failure = knownCause(thrown);
      if (!(failure instanceof HttpFailure) || (failure.status !== 400 && failure.status !== 422)) return false;
      const parameter = namedParameter(failure.body, body);
      if (parameter === undefined) return false;
      const parameters = refused.get(body.model) ?? new Set();
      refused.set(body.model, parameters.add(parameter));
      onRefusal(parameter, body.model);
      return true;
    },
  };
}

/** The droppable parameter of the body that an error names: in its `param`, or quoted or called a parameter in its sentence. */
function namedParameter(failureBody: unknown, body: WireBody): string | undefined {
  const error = member(failureBody, 'error') ?? failureBody;
  const sentence = typeof error === 'string' ? error : (textMember(error, 'message') ?? JSON.stringify(error) ?? '');
  const param = textMember(error, 'param')?.split('.')[0];
  const sent = Object.keys(body).filter((name) => droppable.has(name));
  if (param !== undefined && sent.includes(param)) return param;
  return sent.find((name) =>
    new RegExp(`(['"\`]|(parameter|argument|param|field)s?:? +)${name}\\b`, 'i').test(sentence),
  );
}
