/**
 * Everything that is known to go wrong with a provider, on every wire, as the user sees it: a completion that another
 * provider gives instead, a chat that is answered or fails with a reason, and never a truncated answer that looks whole.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DeafPort, startDeafPort } from '../support/deaf-port.ts';
import {
  answers,
  brokenGateway,
  drips,
  endsEarly,
  failsInStream,
  filtered,
  first,
  headersOnly,
  malformed,
  oversized,
  type Play,
  refuses,
  resets,
  sceneOf,
  silence,
  stalls,
  webPage,
} from '../support/fault-scenes.ts';
import { type RawRequest, type RawServer, startRawServer } from '../support/raw-server.ts';
import { type RawWire, rawWires } from '../support/raw-wires.ts';
import { type Json, type ResponseFailure, startServer, type TestServer } from '../support/server.ts';
import { AUTOMATIC, INVOKED } from './setup.ts';

interface Fault {
  readonly name: string;
  readonly play: Play;
  /** Where there is nobody to ask at all. */
  readonly at?: 'nowhere' | 'deaf port';
  /** Who completes, with another provider behind the first; `nobody` where there is a reason not to ask another. */
  readonly completion: 'primary' | 'backup' | 'nobody';
  /** Who chats; or why the answer broke off, because a part of it was shown. */
  readonly chat: 'primary' | 'backup' | RegExp;
  /** What becomes of a chat with the first provider alone; an answer's finish reason, or the kind of the failure. */
  readonly alone: 'stop' | 'filtered' | RegExp;
  /** How often the first provider was asked for one answer. */
  readonly attempts: number;
  /** Ended by the time it may take, which is short here. */
  readonly slow?: true;
  readonly only?: (wire: RawWire) => boolean;
}

const fine = answers('primary();\nrest');
const inVain = { completion: 'backup', chat: 'backup', attempts: 1 } as const;
const cut = { ...inVain, alone: /^network$/, chat: /^network$/ } as const;

const faults: readonly Fault[] = [
  { name: 'nothing is wrong', play: fine, completion: 'primary', chat: 'primary', alone: 'stop', attempts: 1 },
  { name: 'it refuses connections', at: 'nowhere', play: fine, ...inVain, alone: /^network$/, attempts: 0 },
  {
    name: 'connecting hangs',
    at: 'deaf port',
    play: fine,
    ...inVain,
    alone: /^timeout$/,
    attempts: 0,
    slow: true,
  },
  { name: 'the headers never come', play: silence, ...inVain, alone: /^timeout$/, slow: true },
  { name: 'the first token never comes', play: headersOnly, ...inVain, alone: /^timeout$/, slow: true },
  { name: 'it falls silent', play: stalls, ...inVain, chat: /^timeout$/, alone: /^timeout$/, slow: true },
  { name: 'it drips for ever', play: drips, ...inVain, chat: /^timeout$/, alone: /^timeout$/, slow: true },
  { name: 'the connection is reset in the middle', play: resets, ...cut },
  { name: 'it ends without its terminal marker', play: endsEarly, ...cut },
  { name: 'a part is malformed', play: malformed, ...inVain, chat: /^server$/, alone: /^server$/ },
  {
    name: 'an error comes in the middle',
    play: failsInStream,
    ...inVain,
    chat: /^(server|overloaded)$/,
    alone: /^(server|overloaded)$/,
  },
  {
    name: 'it is limited for an hour',
    play: refuses('limited', { 'retry-after': '3600' }),
    ...inVain,
    alone: /^rateLimited$/,
  },
  {
    name: 'it is limited for a moment',
    play: first(refuses('limited', { 'retry-after': '0.05' }), fine),
    completion: 'primary',
    chat: 'primary',
    alone: 'stop',
    attempts: 2,
  },
  {
    name: 'it fails once',
    play: first(refuses('failed'), fine),
    completion: 'primary',
    chat: 'primary',
    alone: 'stop',
    attempts: 2,
  },
  { name: 'it is overloaded', play: refuses('overloaded'), ...inVain, alone: /^overloaded$/, attempts: 3 },
  { name: 'a login page answers', play: webPage, ...inVain, alone: /^server$/ },
  { name: 'a gateway answers with its own page', play: brokenGateway, ...inVain, alone: /^server$/, attempts: 3 },
  {
    name: 'a filter ends the answer',
    play: filtered,
    completion: 'nobody',
    chat: 'primary',
    alone: 'filtered',
    attempts: 1,
    only: ({ filters }) => filters,
  },
  { name: 'the context is too long', play: refuses('tooLong'), ...inVain, alone: /^contextLength$/ },
  { name: 'it does not accept the key', play: refuses('unauthorized'), ...inVain, alone: /^authentication$/ },
  { name: 'the answer has no end', play: oversized, ...inVain, alone: /^server$/ },
];

const cases = rawWires.flatMap((wire) =>
  faults
    .filter(({ only = () => true }) => only(wire))
    .map((fault) => ({ title: `${wire.name}: ${fault.name}`, wire, fault })),
);

const question = [{ role: 'user', content: 'Why?' }];
const text = 'const a = ';
const end = { line: 0, character: text.length };

let raw: RawServer;
let deaf: DeafPort;
let server: TestServer;
let nowhere: string;
let number = 0;

beforeAll(async () => {
  [raw, deaf, server] = await Promise.all([startRawServer(), startDeafPort(), startServer()]);
  const gone = await startRawServer();
  nowhere = gone.origin;
  await gone.close();
});
afterAll(async () => {
  deaf?.close();
  await Promise.all([raw?.close(), server?.stop()]);
});

/** A provider of its own for each role, so that what one learns of its failures is not known to the others. */
function install(wire: RawWire, play: Play, entry: object = {}, at?: Fault['at']) {
  number += 1;
  const name = `n${number}`;
  const attempts: RawRequest[] = [];
  const played = raw.play(name, sceneOf(wire, play, attempts));
  const address = { nowhere, 'deaf port': deaf.address, here: played }[at ?? 'here'];
  return {
    name,
    attempts,
    entry: { [name]: { ...wire.entry(address), ...entry } },
    replay: (next: Play) => void raw.play(name, sceneOf(wire, next, attempts)),
  };
}

const backupWire = rawWires[1] as RawWire;

function configure(settings: Json): void {
  const backup = raw.play('backup', sceneOf(backupWire, answers('backup();\nrest')));
  const { providers, completion, chat, ...rest } = settings;
  server.notify('workspace/didChangeConfiguration', {
    settings: {
      inkling: {
        completion: { fallback: ['backup'], debounce: { min: 0, max: 0 }, ...completion },
        chat: { fallback: ['backup'], ...chat },
        resilience: { retries: 2, retryBaseDelay: 10, retryMaxDelay: 20 },
        providers: { backup: backupWire.entry(backup), ...providers },
        ...rest,
      },
    },
  });
}

/** A completion at the end of a document nobody saw before, and why it is what it is. */
async function complete(triggerKind = INVOKED): Promise<{ items: string[]; explained: Json }> {
  number += 1;
  const textDocument = { uri: `file:///project/example-${number}.ts` };
  server.open(textDocument.uri, text);
  const { items } = await server.request('textDocument/inlineCompletion', {
    textDocument,
    position: end,
    context: { triggerKind },
  }).response;
  const { requests } = await server.request('inkling/explain', { textDocument }).response;
  server.notify('textDocument/didClose', { textDocument });
  return { items: items.map(({ insertText }: Json) => insertText), explained: requests[0] };
}

/** The answer, or the failure; with what was shown of it. */
async function chat(params: object): Promise<{ answer?: Json; failure?: ResponseFailure; shown: string }> {
  number += 1;
  const partialResultToken = `token-${number}`;
  const outcome = await server
    .request('inkling/chat', { messages: question, partialResultToken, ...params })
    .response.then(
      (answer: Json) => ({ answer }),
      (failure: ResponseFailure) => ({ failure }),
    );
  const shown = server.notifications
    .filter(({ method, params: { token } }) => method === '$/progress' && token === partialResultToken)
    .map(({ params: { value } }) => value.delta)
    .join('');
  return { ...outcome, shown };
}

test.each(cases)('$title', async ({ wire, fault }) => {
  const entry = fault.slow === true ? { timeout: 500 } : {};
  const [completes, chats, alone] = [0, 1, 2].map(() => install(wire, fault.play, entry, fault.at)) as [
    ReturnType<typeof install>,
    ReturnType<typeof install>,
    ReturnType<typeof install>,
  ];
  configure({
    providers: { ...completes.entry, ...chats.entry, ...alone.entry },
    completion: { provider: completes.name },
    chat: { provider: chats.name },
  });
  const [completion, answered, single] = await Promise.all([complete(), chat({}), chat({ provider: alone.name })]);

  if (fault.completion === 'nobody') {
    expect(completion.items).toEqual([]);
    expect(completion.explained).toMatchObject({ outcome: 'nothing', provider: completes.name });
    expect(completion.explained.reason).toMatch(/filter/);
  } else {
    const by = fault.completion === 'primary' ? completes.name : 'backup';
    expect(completion.items).toEqual([`${fault.completion}();`]);
    expect(completion.explained).toMatchObject({ outcome: 'offered', provider: by });
  }

  if (typeof fault.chat === 'string') {
    expect(answered.failure).toBeUndefined();
    const by = fault.chat === 'primary' ? chats.name : 'backup';
    expect(answered.answer).toMatchObject({ provider: by });
    expect(answered.shown).toBe(answered.answer.message.content);
  } else {
    expect(answered.failure).toMatchObject({ code: -32803, data: { provider: chats.name } });
    expect(answered.shown).toMatch(/^primx*$/);
    expect(answered.failure?.data.kind).toMatch(fault.chat);
  }

  if (typeof fault.alone === 'string') expect(single.answer).toMatchObject({ finishReason: fault.alone });
  else {
    expect(single.failure).toMatchObject({ code: -32803, data: { provider: alone.name } });
    expect(single.failure?.data.kind).toMatch(fault.alone);
  }

  expect([completes, chats, alone].map(({ attempts }) => attempts.length)).toEqual(Array(3).fill(fault.attempts));
  if (fault.name === 'it is limited for a moment') {
    const [one, two] = completes.attempts.map(({ receivedAt }) => receivedAt) as [number, number];
    expect(two - one).toBeGreaterThanOrEqual(50);
  }
});

describe.each(rawWires)('$name: while somebody types', (wire) => {
  test('a storm of limits costs one request, and all are answered by another provider', async () => {
    const primary = install(wire, refuses('limited', { 'retry-after': '3600' }));
    configure({ providers: primary.entry, completion: { provider: primary.name } });
    for (let key = 0; key < 15; key += 1) {
      expect(await complete(AUTOMATIC)).toMatchObject({ items: ['backup();'], explained: { provider: 'backup' } });
    }
    expect(primary.attempts).toHaveLength(1);
  });

  test('an outage costs five requests, and the first explicit one after it finds the provider again', async () => {
    const primary = install(wire, refuses('overloaded'));
    configure({ providers: primary.entry, completion: { provider: primary.name } });
    for (let key = 0; key < 15; key += 1) {
      expect(await complete(AUTOMATIC)).toMatchObject({ items: ['backup();'], explained: { provider: 'backup' } });
    }
    expect(primary.attempts).toHaveLength(5);
    primary.replay(fine);
    for (const trigger of [INVOKED, AUTOMATIC]) {
      expect(await complete(trigger)).toMatchObject({ items: ['primary();'], explained: { provider: primary.name } });
    }
    expect(primary.attempts).toHaveLength(7);
  });

  test('a refused key is tried once, until somebody asks by hand', async () => {
    const primary = install(wire, refuses('unauthorized'));
    configure({ providers: primary.entry, completion: { provider: primary.name } });
    for (let key = 0; key < 5; key += 1) expect((await complete(AUTOMATIC)).items).toEqual(['backup();']);
    expect(primary.attempts).toHaveLength(1);
    primary.replay(fine);
    expect((await complete(INVOKED)).items).toEqual(['primary();']);
  });
});

test('nobody was interrupted by a message', () => {
  expect(server.notifications.filter(({ method }) => method === 'window/showMessage')).toEqual([]);
});
