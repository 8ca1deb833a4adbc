/**
 * The ranker's weights: a constant, then one for each feature.
 */
export const WEIGHTS: readonly number[] = [
  -4, 0.5, 0.3, 0.1, 1.5, 1.5, 0.5, 0.8, 0.1, 0.2, 0.4, -0.2, -0.3, 0.5, 0.5, -0.5, -0.4, -0.2, -0.3, -0.2, -0.2, 0.1,
  0.3, -0.05, 0, -0.2, 0.5, 0.1,
];
