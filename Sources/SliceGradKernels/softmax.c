/// Softmax of rows, its logarithm, and the fused cross-entropy. Each row's maximum is subtracted before any
/// exponential, so that nothing overflows; exponentials are read once and not stored: the backward pass takes them
/// again from log Σ eˣ.
#include "for_each_real.h"
#ifdef REAL
#include "elementary_functions.h"

INLINED REAL KERNEL(rowMaximum)(const REAL *x, intptr_t n) {
  enum { lanes = 64 / sizeof(REAL) };  // maxima of every 64th byte, which fill a vector register
  REAL maxima[lanes];
  for (int lane = 0; lane < lanes; lane++) maxima[lane] = -(REAL)INFINITY;
  intptr_t j = 0;
  for (; j + lanes <= n; j += lanes)
    for (int lane = 0; lane < lanes; lane++) maxima[lane] = x[j + lane] > maxima[lane] ? x[j + lane] : maxima[lane];
  REAL maximum = maxima[0];
  for (int lane = 1; lane < lanes; lane++) maximum = maxima[lane] > maximum ? maxima[lane] : maximum;
  for (; j < n; j++) maximum = x[j] > maximum ? x[j] : maximum;
  return maximum;
}

/// log Σ e^x: maximum + log Σ e^(x − maximum). A row of −∞ gives −∞, one with +∞ or NaN gives NaN.
INLINED REAL KERNEL(rowLogSumExp)(const REAL *x, intptr_t n) {
#pragma clang fp reassociate(on)
  const REAL maximum = KERNEL(rowMaximum)(x, n);
  if (maximum == -(REAL)INFINITY) return maximum;
  REAL sum = 0;
  for (intptr_t j = 0; j < n; j++) sum += real_exp(x[j] - maximum);
  return maximum + real_log(sum);
}

INLINED REAL KERNEL(rowDot)(const REAL *a, const REAL *b, intptr_t n) {
#pragma clang fp reassociate(on)
  REAL sum = 0;
  for (intptr_t j = 0; j < n; j++) sum += a[j] * b[j];
  return sum;
}

INLINED REAL KERNEL(rowSum)(const REAL *a, intptr_t n) {
#pragma clang fp reassociate(on)
  REAL sum = 0;
  for (intptr_t j = 0; j < n; j++) sum += a[j];
  return sum;
}

// MARK: Softmax

MULTIVERSIONED void KERNEL(softmax)(const REAL *x, REAL *y, intptr_t rows, intptr_t n) {
  for (intptr_t i = 0; i < rows; i++, x += n, y += n) {
    const REAL maximum = KERNEL(rowMaximum)(x, n);
    for (intptr_t j = 0; j < n; j++) y[j] = real_exp(x[j] - maximum);
    const REAL scale = 1 / KERNEL(rowSum)(y, n);
    for (intptr_t j = 0; j < n; j++) y[j] *= scale;
  }
}

MULTIVERSIONED void KERNEL(softmaxGradient)(const REAL *y, const REAL *g, REAL *out, intptr_t rows, intptr_t n) {
  for (intptr_t i = 0; i < rows; i++, y += n, g += n, out += n) {
    const REAL dot = KERNEL(rowDot)(y, g, n);
    for (intptr_t j = 0; j < n; j++) out[j] = y[j] * (g[j] - dot);
  }
}

MULTIVERSIONED void KERNEL(logSoftmax)(const REAL *x, REAL *y, intptr_t rows, intptr_t n) {
  for (intptr_t i = 0; i < rows; i++, x += n, y += n) {
    const REAL logSumExp = KERNEL(rowLogSumExp)(x, n);
    for (intptr_t j = 0; j < n; j++) y[j] = x[j] - logSumExp;
  }
}

MULTIVERSIONED void KERNEL(logSoftmaxGradient)(const REAL *y, const REAL *g, REAL *out, intptr_t rows, intptr_t n) {
  for (intptr_t i = 0; i < rows; i++, y += n, g += n, out += n) {
    const REAL sum = KERNEL(rowSum)(g, n);
    for (intptr_t j = 0; j < n; j++) out[j] = g[j] - real_exp(y[j]) * sum;
  }
}

// MARK: Cross-entropy

MULTIVERSIONED void KERNEL(softmaxCrossEntropy)(const REAL *logits, const int32_t *labels, const REAL *weights,
                                                REAL smoothing, int32_t ignored, REAL *losses, REAL *logSumExp,
                                                intptr_t rows, intptr_t n) {
  for (intptr_t i = 0; i < rows; i++, logits += n) {
    losses[i] = 0;
    logSumExp[i] = 0;
    if (labels[i] == ignored) continue;
    const REAL *x = logits;
    const REAL weight = weights ? weights[labels[i]] : 1;
    logSumExp[i] = KERNEL(rowLogSumExp)(x, n);
    losses[i] = (1 - smoothing) * weight * (logSumExp[i] - x[labels[i]]);
    if (smoothing == 0) continue;
    REAL smoothed = 0;
    for (intptr_t j = 0; j < n; j++) smoothed += (weights ? weights[j] : 1) * (logSumExp[i] - x[j]);
    losses[i] += smoothing / (REAL)n * smoothed;
  }
}

MULTIVERSIONED void KERNEL(softmaxCrossEntropyGradient)(const REAL *logits, const int32_t *labels, const REAL *weights,
                                                        REAL weightSum, REAL smoothing, int32_t ignored,
                                                        const REAL *logSumExp, const REAL *g, REAL *out, intptr_t rows,
                                                        intptr_t n) {
  const REAL spread = smoothing / (REAL)n;
  for (intptr_t i = 0; i < rows; i++, logits += n, out += n) {
    if (labels[i] == ignored) {
      for (intptr_t j = 0; j < n; j++) out[j] = 0;
      continue;
    }
    const REAL onLabel = (1 - smoothing) * (weights ? weights[labels[i]] : 1);
    const REAL scale = g[i] * (onLabel + spread * weightSum), shift = logSumExp[i];
    for (intptr_t j = 0; j < n; j++) out[j] = scale * real_exp(logits[j] - shift);
    out[labels[i]] -= g[i] * onLabel;
    if (spread == 0) continue;
    for (intptr_t j = 0; j < n; j++) out[j] -= g[i] * spread * (weights ? weights[j] : 1);
  }
}

#endif
