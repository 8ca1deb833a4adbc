/** `inkling bench` as a person runs it: figures of every configured provider, and an honest reason where there are none. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/command-line.ts';
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts';
import { errorStatus, streamText } from '../support/fake-responders.ts';

async function startFake(respond = streamText('first * second;\n', { chunkSize: 4 })): Promise<FakeProvider> {
  const fake = await startFakeProvider({ respond });
  onTestFinished(() => fake.close());
  return fake;
}

function settingsFor(fakes: Readonly<Record<string, FakeProvider>>) {
  const entry = ({ url }: FakeProvider) => ({ kind: 'openai-compatible', baseUrl: url, model: 'm', fim: 'suffix' });
  return {
    provider: Object.keys(fakes)[0],
    providers: Object.fromEntries(Object.entries(fakes).map(([id, fake]) => [id, entry(fake)])),
  };
}

const isChat = ({ path }: { readonly path: string }) => path.includes('/chat/');

describe('bench', () => {
  test('measures a completion and a chat with each configured provider, and asks nothing twice', async () => {
    const [one, two] = [await startFake(), await startFake()];
    const run = await runCommand(['bench', '--runs', '3'], { settings: settingsFor({ one, two }) });
    expect(run).toMatchObject({ stderr: '', code: 0 });
    expect(run.stdout).toMatch(/^provider +request +first token +total +tokens\/s +median of 3 runs\n/);
    for (const id of ['one', 'two']) {
      expect(run.stdout).toMatch(new RegExp(`^${id} +completion +[\\d.]+ ms +[\\d.]+ ms +≈[\\d.]+$`, 'm'));
      expect(run.stdout).toMatch(new RegExp(`^${id} +chat +[\\d.]+ ms +[\\d.]+ ms +≈?[\\d.]+$`, 'm'));
    }
    for (const { requests } of [one, two]) {
      const asked = requests.filter(({ method }) => method === 'POST');
      expect(new Set(asked.filter((request) => !isChat(request)).map(({ text }) => text)).size).toBe(3);
      expect(new Set(asked.filter(isChat).map(({ text }) => text)).size).toBe(3);
    }
  });

  test('measures only those that are named, as JSON where it is asked for', async () => {
    const [one, two] = [await startFake(), await startFake()];
    const argv = ['bench', 'two', '--runs=1', '--json'];
    const run = await runCommand(argv, { settings: settingsFor({ one, two }) });
    expect(run).toMatchObject({ stderr: '', code: 0 });
    const row = { provider: 'two', measured: 1, firstToken: expect.any(Number), total: expect.any(Number) };
    expect(JSON.parse(run.stdout)).toMatchObject({
      runs: 1,
      rows: [
        { ...row, request: 'completion', tokensPerSecond: expect.any(Number) },
        { provider: 'two', request: 'cached completion', tokensPerSecond: null },
        { ...row, request: 'chat' },
        { ...row, request: 'cached chat', tokensPerSecond: null },
      ],
    });
    expect(one.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  test('without the cache nothing is called cached', async () => {
    const one = await startFake();
    const settings = { ...settingsFor({ one }), cache: { enabled: false } };
    const run = await runCommand(['bench', '--runs', '2'], { settings });
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^one +completion, cached +– not cached: the provider answered\s+again$/m);
    expect(run.stdout).toMatch(/^one +chat, cached +– not cached: the provider answered\s+again$/m);
    // Two of each, and one more of each that could have been cached.
    expect(one.requests.filter(({ method }) => method === 'POST')).toHaveLength(6);
  });

  test('the offline engine completes and does not chat', async () => {
    const run = await runCommand(['bench', 'workspace', '--runs', '1']);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^workspace +completion +[\d.]+ ms/m);
    expect(run.stdout).toMatch(/^workspace +chat +– "workspace" cannot chat/m);
  });

  test('fails with the reason when nothing could be measured', async () => {
    const broken = await startFake(errorStatus(401));
    const run = await runCommand(['bench', '--runs', '4'], { settings: settingsFor({ broken }) });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/^broken +completion +– /m);
    expect(run.stdout).toMatch(/^broken +chat +– /m);
    // What cannot answer is asked once for each kind, not once for each run.
    expect(broken.requests.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(2);
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['bench', 'opnai'], /no provider "opnai"\. Did you mean "openai"\?/],
    [['bench', '--runs', '0'], /--runs is a number from 1 to 100, not "0"/],
    [['bench', '--runs=many'], /--runs is a number from 1 to 100, not "many"/],
  ];
  test.each(wrong)('answers %j by a sentence and exit code 2', async (argv, sentence) => {
    const { stdout, stderr, code } = await runCommand(argv);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(sentence);
  });
});
