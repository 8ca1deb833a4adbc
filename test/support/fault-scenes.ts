/** What can go wrong with an answer, on any wire: the same faults for every one, because a user cannot tell wires apart. */
import { chunk, head, lastChunk, type RawConnection, type RawRequest, type Scene, whole } from './raw-server.ts';
import { type Problem, problems, type RawWire } from './raw-wires.ts';

export interface Stage {
  readonly wire: RawWire;
  readonly request: RawRequest;
  readonly connection: RawConnection;
  /** 1 for the first time the question is asked. */
  readonly attempt: number;
}

export type Play = (stage: Stage) => void | Promise<void>;

/** Answers what is asked beside the question, and lets `play` answer the question itself, which is put into `attempts`. */
export function sceneOf(wire: RawWire, play: Play, attempts: RawRequest[] = []): Scene {
  return (request, connection) => {
    const aside = wire.aside(request);
    if (aside !== undefined) return connection.write(whole('application/json', JSON.stringify(aside)));
    if (request.method === 'GET') return connection.write(whole('application/json', '{}', { status: 404 }));
    attempts.push(request);
    return play({ wire, request, connection, attempt: attempts.length });
  };
}

/** The answer as it should be. */
export function answers(text: string): Play {
  return ({ wire, request, connection }) =>
    connection.write(whole(wire.contentType, wire.begin(request) + wire.delta(request, text) + wire.end(request)));
}

export const silence: Play = () => undefined;

export const headersOnly: Play = ({ wire, connection }) => connection.write(head(wire.contentType));

export const stalls: Play = (stage) => stage.connection.write(beginning(stage));

export const resets: Play = async (stage) => {
  await stage.connection.write(beginning(stage));
  stage.connection.reset();
};

export const endsEarly: Play = async (stage) => {
  await stage.connection.write(beginning(stage));
  await stage.connection.write(lastChunk);
};

export const malformed: Play = (stage) => inTheMiddle(stage, stage.wire.malformed);

export const failsInStream: Play = (stage) => inTheMiddle(stage, stage.wire.streamError);

/** Text all the time, and never an end. */
export const drips: Play = async (stage) => {
  const { wire, request, connection } = stage;
  await connection.write(beginning(stage));
  const timer = setInterval(() => {
    if (connection.closed) clearInterval(timer);
    else void connection.write(chunk(wire.delta(request, 'x')));
  }, 20);
};

/** A line that does not end. */
export const oversized: Play = async ({ wire, connection }) => {
  await connection.write(head(wire.contentType));
  await connection.write(chunk('data: "'));
  while (!connection.closed) await connection.write(chunk('x'.repeat(64 * 1024)));
};

export const webPage: Play = ({ connection }) => connection.write(whole('text/html', '<html>Please log in</html>'));

export const brokenGateway: Play = ({ connection }) =>
  connection.write(whole('text/html', '<html>Bad Gateway</html>', { status: 502 }));

export const filtered: Play = ({ wire, request, connection }) =>
  connection.write(
    whole(wire.contentType, wire.begin(request) + wire.delta(request, 'prim') + wire.end(request, true)),
  );

export function refuses(problem: Problem, headers: Readonly<Record<string, string>> = {}): Play {
  return ({ wire, connection }) =>
    connection.write(
      whole('application/json', JSON.stringify(wire.error(problem)), { status: problems[problem], headers }),
    );
}

/** The first attempt goes one way, the others the other. */
export function first(once: Play, then: Play): Play {
  return (stage) => (stage.attempt === 1 ? once : then)(stage);
}

function beginning({ wire, request }: Stage): Buffer {
  const body = chunk(wire.begin(request) + wire.delta(request, 'prim'));
  return Buffer.concat([Buffer.from(head(wire.contentType)), body]);
}

async function inTheMiddle(stage: Stage, event: string): Promise<void> {
  const { wire, request, connection } = stage;
  const end = event + wire.delta(request, 'ary();\nrest') + wire.end(request);
  await connection.write(Buffer.concat([beginning(stage), chunk(end), Buffer.from(lastChunk)]));
}
