/** Chance out of one number (mulberry32), so that every schedule can be played again. */

export interface Random {
  /** 0 to 1, without 1. */
  share(): number;
  /** Both ends included. */
  integer(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
}

export function createRandom(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0;
  const share = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (from: number, to: number) => from + Math.floor(share() * (to - from + 1));
  return {
    share,
    integer,
    chance: (probability) => share() < probability,
    pick: (values) => values[integer(0, values.length - 1)] as (typeof values)[number],
  };
}
