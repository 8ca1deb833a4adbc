/**
 * The ranker's weights: a constant, then one for each feature. They come out of `bench/offline-engine-fit.ts` (seeds
 * 11 to 14, 600 points each) over hono, pytest, tmux, codecompanion.nvim, bash-language-server, requests and
 * rust-analyzer; accuracy is judged on other repositories.
 */
export const WEIGHTS: readonly number[] = [
  -4.91, 0.012, 0.426, 0.438, 1.535, 3.279, 0.521, 0.894, -0.38, 0.494, -1.71, 0.653, -0.067, 1.14, 2.058, -2.215,
  -0.664, -0.516, -0.009, -0.883, -0.18, -0.01, 0.375, -0.055, 1.745, 0.1, -2.623, 0.25,
];
