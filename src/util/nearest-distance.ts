/** How far the nearest part of a text is from another text; apart because it grows with the product of both and callers must keep them short. */

/**
 * The least number of characters (code units) to insert, delete or replace that turns some part of `within` into `text`.
 * Takes `text.length × within.length` steps of some 20 ns (Sellers' algorithm, 1980).
 */
export function nearestDistance(text: string, within: string): number {
  if (within.includes(text)) return 0;
  // For each end in `within`, the distance of what was read of `text`; a part may begin anywhere, so it begins with nothing.
  let row = new Uint32Array(within.length + 1);
  let next = new Uint32Array(within.length + 1);
  for (let read = 0; read < text.length; read++) {
    const unit = text.charCodeAt(read);
    next[0] = read + 1;
    for (let end = 0; end < within.length; end++) {
      const replaced = (row[end] ?? 0) + (within.charCodeAt(end) === unit ? 0 : 1);
      next[end + 1] = Math.min(replaced, (row[end + 1] ?? 0) + 1, (next[end] ?? 0) + 1);
    }
    [row, next] = [next, row];
  }
  return row.reduce((least, distance) => Math.min(least, distance), text.length);
}
