/**
 * Generalized extreme Studentized deviate test (Rosner 1983) with median and MAD in place of mean and deviation, as S-H-ESD has it (Vallis,
 * Hochenbaum and Kejariwal 2014). The places of the outliers, at most so many.
 */
export function largestOutliers(values: Float64Array, most: number, alpha = 0.05): number[] {
  const left = Array.from(values, (value, place) => ({ value, place }));
  const removed: number[] = [];
  let outliers = 0;
  for (let n = 1; n <= most; n++) {
    const middle = medianOf(left.map(({ value }) => value));
    const spread = 1.4826 * medianOf(left.map(({ value }) => Math.abs(value - middle)));
    if (spread === 0) break;
    const furthest = left.reduce((a, b) => (Math.abs(b.value - middle) > Math.abs(a.value - middle) ? b : a));
    const freedom = values.length - n - 1;
    const t = studentQuantile(1 - alpha / (2 * (values.length - n + 1)), freedom);
    const critical = (t * (values.length - n)) / Math.sqrt((freedom + t * t) * (freedom + 2));
    left.splice(left.indexOf(furthest), 1);
    removed.push(furthest.place);
    if (Math.abs(furthest.value - middle) / spread > critical) outliers = n;
  }
  return removed.slice(0, outliers);
}

/** From the normal quantile (Abramowitz and Stegun 26.2.23) by the expansion 26.7.5. */
function studentQuantile(probability: number, freedom: number): number {
  const s = Math.sqrt(-2 * Math.log(1 - probability));
  const z = s - (2.515517 + 0.802853 * s + 0.010328 * s * s) / (1 + 1.432788 * s + 0.189269 * s * s + 0.001308 * s ** 3);
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  );
}

function medianOf(values: Iterable<number>): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
