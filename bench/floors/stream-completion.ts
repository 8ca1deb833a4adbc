/** One streamed call to the model with nothing but `node:http`: the least that can be done between editor and model. */
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true });

/** Calls back with the whole text, or with `undefined` when the call was aborted or failed. */
export function streamCompletion(
  url: string,
  { prefix, suffix }: { readonly prefix: string; readonly suffix: string },
  done: (text: string | undefined) => void,
): { abort(): void } {
  const prompt = `<|fim_prefix|>${prefix}<|fim_suffix|>${suffix}<|fim_middle|>`;
  const body = JSON.stringify({ model: 'bench-model', prompt, max_tokens: 256, stream: true });
  let text = '';
  let rest = '';
  let ended = false;
  const end = (result: string | undefined) => {
    if (ended) return;
    ended = true;
    done(result);
  };
  const call = request(
    `${url}/completions`,
    {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    },
    (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
          const { choices } = JSON.parse(line.slice(6)) as { choices: { text: string }[] };
          text += choices[0]?.text ?? '';
        }
      });
      response.on('end', () => end(text));
      response.on('error', () => end(undefined));
    },
  );
  call.on('error', () => end(undefined));
  call.end(body);
  return {
    abort() {
      call.destroy();
      end(undefined);
    },
  };
}
