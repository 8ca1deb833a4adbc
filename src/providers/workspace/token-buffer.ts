/** A growing array of token ids: the lexer's output, apart so that one buffer is reused for every line. */

/** Token ids appended one by one; `ids` is valid up to `length`. */
export class TokenBuffer {
  ids: Uint32Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 256) {
    this.ids = new Uint32Array(capacity);
  }

  push(id: number): void {
    if (this.length === this.ids.length) {
      const grown = new Uint32Array(this.length + (this.length >>> 1) + 256);
      grown.set(this.ids);
      this.ids = grown;
    }
    this.ids[this.length++] = id;
  }

  clear(): void {
    this.length = 0;
  }
}
