/**
 * Writes a tiny random model in the GGUF format, version 3: one layer, bytes for tokens, fill-in-the-middle tokens and a chat template.
 * It says nothing sensible. It is for machines that cannot fetch a real model and want to see the server's wire.
 *
 *   node .ci/make-random-model.mjs FILE
 */
import { writeFileSync } from 'node:fs';

const width = 32;
const feedForward = 64;
const alignment = 32;
const special = ['<unk>', '<s>', '</s>', '<fim_prefix>', '<fim_suffix>', '<fim_middle>'];
const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
const tokens = [...special, ...bytes];
const kinds = { unknown: 2, control: 3, byte: 6 };

const settings = [
  ['general.architecture', text('llama')],
  ['general.name', text('random')],
  ['llama.vocab_size', whole(tokens.length)],
  ['llama.context_length', whole(8192)],
  ['llama.embedding_length', whole(width)],
  ['llama.block_count', whole(1)],
  ['llama.feed_forward_length', whole(feedForward)],
  ['llama.rope.dimension_count', whole(width / 2)],
  ['llama.attention.head_count', whole(2)],
  ['llama.attention.head_count_kv', whole(2)],
  ['llama.attention.layer_norm_rms_epsilon', fraction(1e-5)],
  ['tokenizer.ggml.model', text('llama')],
  ['tokenizer.ggml.tokens', list(tokens.map(text))],
  ['tokenizer.ggml.scores', list(tokens.map(() => fraction(0)))],
  ['tokenizer.ggml.token_type', list(tokens.map((_, id) => signed(kindOf(id))))],
  ['tokenizer.ggml.bos_token_id', whole(1)],
  ['tokenizer.ggml.eos_token_id', whole(2)],
  ['tokenizer.ggml.fim_pre_token_id', whole(3)],
  ['tokenizer.ggml.fim_suf_token_id', whole(4)],
  ['tokenizer.ggml.fim_mid_token_id', whole(5)],
  [
    'tokenizer.chat_template',
    text('{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant: '),
  ],
];

const tensors = [
  ['token_embd.weight', [width, tokens.length]],
  ['blk.0.attn_norm.weight', [width]],
  ['blk.0.attn_q.weight', [width, width]],
  ['blk.0.attn_k.weight', [width, width]],
  ['blk.0.attn_v.weight', [width, width]],
  ['blk.0.attn_output.weight', [width, width]],
  ['blk.0.ffn_norm.weight', [width]],
  ['blk.0.ffn_gate.weight', [width, feedForward]],
  ['blk.0.ffn_up.weight', [width, feedForward]],
  ['blk.0.ffn_down.weight', [feedForward, width]],
  ['output_norm.weight', [width]],
];

function kindOf(id) {
  if (id >= special.length) return kinds.byte;
  return id === 0 ? kinds.unknown : kinds.control;
}

function integer(value, size) {
  const buffer = Buffer.alloc(size);
  if (size === 8) buffer.writeBigUInt64LE(BigInt(value));
  else buffer.writeUInt32LE(value);
  return buffer;
}

function word(value) {
  const buffer = Buffer.from(value);
  return Buffer.concat([integer(buffer.length, 8), buffer]);
}

function number(value) {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

function text(value) {
  return { type: 8, data: word(value) };
}

function whole(value) {
  return { type: 4, data: integer(value, 4) };
}

function signed(value) {
  return { type: 5, data: integer(value, 4) };
}

function fraction(value) {
  return { type: 6, data: number(value) };
}

function list(values) {
  const head = [integer(values[0].type, 4), integer(values.length, 8)];
  return { type: 9, data: Buffer.concat([...head, ...values.map(({ data }) => data)]) };
}

/** The same numbers in every run, from -0.5 to 0.5 (Numerical Recipes' generator). */
let state = 1;
function random() {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32 - 0.5;
}

function padded(buffer) {
  const rest = buffer.length % alignment;
  return rest === 0 ? buffer : Buffer.concat([buffer, Buffer.alloc(alignment - rest)]);
}

const data = tensors.map(([name, shape]) => {
  const size = shape.reduce((product, length) => product * length, 1);
  const value = name.includes('norm') ? () => 1 : random;
  return padded(Buffer.concat(Array.from({ length: size }, () => number(value()))));
});
let offset = 0;
const described = tensors.map(([name, shape], index) => {
  const place = offset;
  offset += data[index].length;
  const lengths = shape.map((length) => integer(length, 8));
  return Buffer.concat([word(name), integer(shape.length, 4), ...lengths, integer(0, 4), integer(place, 8)]);
});
const header = Buffer.concat([
  Buffer.from('GGUF'),
  integer(3, 4),
  integer(tensors.length, 8),
  integer(settings.length, 8),
  ...settings.flatMap(([name, { type, data: value }]) => [word(name), integer(type, 4), value]),
  ...described,
]);
writeFileSync(process.argv[2], Buffer.concat([padded(header), ...data]));
