/**
 * Gradient-boosted trees for the offline engine's ranker (logistic loss, Newton steps, histograms, best leaf first),
 * written in the flat form in which the engine reads them.
 */

/** One proposal: its features, and whether it was right. */
export interface Example {
  readonly features: readonly number[];
  readonly isRight: boolean;
}

/** How much is fitted; the engine pays for every tree at every proposal. */
export interface TreeOptions {
  readonly trees: number;
  readonly leaves: number;
  readonly rate: number;
}

/** Values of a feature are told apart by at most so many thresholds. */
const BINS = 64;
/** Added to every leaf's curvature, so that few examples cannot make it sure. */
const RIDGE = 5;
const LEAST_CURVATURE = 10;

interface Table {
  /** By feature: the bin of every example. */
  readonly bins: readonly Uint8Array[];
  /** By feature: a value goes into the first bin whose threshold it does not exceed. */
  readonly thresholds: readonly (readonly number[])[];
  readonly gradients: Float64Array;
  readonly curvatures: Float64Array;
}

interface Leaf {
  readonly kind: 'leaf';
  readonly rows: Uint32Array;
  readonly value: number;
  readonly best: Split | undefined;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
}

type Node = Leaf | { readonly kind: 'split'; readonly split: Split; readonly low: Node; readonly high: Node };

/** Fits trees, and writes them as whole numbers, values and thresholds in thousandths: the starting log-odds first. */
export function fitTrees(examples: readonly Example[], options: TreeOptions): number[] {
  const right = examples.filter(({ isRight }) => isRight).length;
  const start = Math.log(right / (examples.length - right));
  const table = tableOf(examples);
  const sums = new Float64Array(examples.length).fill(start);
  const model = [thousandths(start)];
  for (let tree = 0; tree < options.trees; tree++) {
    for (const [row, { isRight }] of examples.entries()) {
      const probability = 1 / (1 + Math.exp(-(sums[row] ?? 0)));
      table.gradients[row] = probability - (isRight ? 1 : 0);
      table.curvatures[row] = probability * (1 - probability);
    }
    const root = growTree(table, options);
    addTo(sums, root);
    const numbers: number[] = [];
    write(root, table, numbers);
    model.push(numbers.length, ...numbers);
  }
  return model;
}

function tableOf(examples: readonly Example[]): Table {
  const width = examples[0]?.features.length ?? 0;
  const thresholds: number[][] = [];
  const bins: Uint8Array[] = [];
  for (let feature = 0; feature < width; feature++) {
    const values = Float64Array.from(examples, ({ features }) => features[feature] ?? 0);
    const sorted = values.toSorted();
    const cuts = Array.from({ length: BINS - 1 }, (_, at) =>
      round(sorted[Math.floor(((at + 1) * sorted.length) / BINS)] ?? 0),
    );
    const own = [...new Set(cuts)];
    thresholds.push(own);
    bins.push(Uint8Array.from(values, (value) => binOf(own, value)));
  }
  const { length } = examples;
  return { bins, thresholds, gradients: new Float64Array(length), curvatures: new Float64Array(length) };
}

function binOf(thresholds: readonly number[], value: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (thresholds[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function growTree(table: Table, { leaves, rate }: TreeOptions): Node {
  const all = Uint32Array.from({ length: table.gradients.length }, (_, row) => row);
  let root: Node = leafOf(table, all, rate);
  for (let count = 1; count < leaves; count++) {
    const leaf = bestLeaf(root);
    if (leaf?.best === undefined) break;
    const { feature, bin } = leaf.best;
    const own = table.bins[feature] ?? new Uint8Array();
    const low = leaf.rows.filter((row) => (own[row] ?? 0) <= bin);
    const high = leaf.rows.filter((row) => (own[row] ?? 0) > bin);
    root = replaced(root, leaf, {
      kind: 'split',
      split: leaf.best,
      low: leafOf(table, low, rate),
      high: leafOf(table, high, rate),
    });
  }
  return root;
}

function bestLeaf(node: Node): Leaf | undefined {
  if (node.kind === 'leaf') return node.best === undefined ? undefined : node;
  const low = bestLeaf(node.low);
  const high = bestLeaf(node.high);
  return (low?.best?.gain ?? 0) >= (high?.best?.gain ?? 0) ? low : high;
}

function replaced(node: Node, leaf: Leaf, by: Node): Node {
  if (node === leaf) return by;
  if (node.kind === 'leaf') return node;
  return { ...node, low: replaced(node.low, leaf, by), high: replaced(node.high, leaf, by) };
}

function leafOf(table: Table, rows: Uint32Array, rate: number): Leaf {
  let gradient = 0;
  let curvature = 0;
  for (const row of rows) {
    gradient += table.gradients[row] ?? 0;
    curvature += table.curvatures[row] ?? 0;
  }
  const value = (-rate * gradient) / (curvature + RIDGE);
  return { kind: 'leaf', rows, value, best: bestSplit(table, rows, gradient, curvature) };
}

function bestSplit(table: Table, rows: Uint32Array, gradient: number, curvature: number): Split | undefined {
  const worth = (g: number, h: number): number => (g * g) / (h + RIDGE);
  let best: Split | undefined;
  for (const [feature, bins] of table.bins.entries()) {
    const gradients = new Float64Array(BINS);
    const curvatures = new Float64Array(BINS);
    for (const row of rows) {
      const bin = bins[row] ?? 0;
      gradients[bin] = (gradients[bin] ?? 0) + (table.gradients[row] ?? 0);
      curvatures[bin] = (curvatures[bin] ?? 0) + (table.curvatures[row] ?? 0);
    }
    let g = 0;
    let h = 0;
    for (let bin = 0; bin < (table.thresholds[feature]?.length ?? 0); bin++) {
      g += gradients[bin] ?? 0;
      h += curvatures[bin] ?? 0;
      if (h < LEAST_CURVATURE || curvature - h < LEAST_CURVATURE) continue;
      const gain = worth(g, h) + worth(gradient - g, curvature - h) - worth(gradient, curvature);
      if (gain > (best?.gain ?? 0)) best = { gain, feature, bin };
    }
  }
  return best;
}

function addTo(sums: Float64Array, node: Node): void {
  if (node.kind === 'split') {
    addTo(sums, node.low);
    addTo(sums, node.high);
  } else for (const row of node.rows) sums[row] = (sums[row] ?? 0) + node.value;
}

/** A split is its feature, its threshold and where its high side begins; a leaf is -1 and its value. */
function write(node: Node, table: Table, out: number[]): void {
  if (node.kind === 'leaf') {
    out.push(-1, thousandths(node.value));
    return;
  }
  const { feature, bin } = node.split;
  out.push(feature, thousandths(table.thresholds[feature]?.[bin] ?? 0), 0);
  const high = out.length - 1;
  write(node.low, table, out);
  out[high] = out.length;
  write(node.high, table, out);
}

function round(value: number): number {
  return thousandths(value) / 1000;
}

function thousandths(value: number): number {
  return Math.round(value * 1000);
}
