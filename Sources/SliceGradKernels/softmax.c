/// Softmax of rows, its logarithm, and the fused cross-entropy. Each row's maximum is subtracted before any
/// exponential, so that nothing overflows; exponentials are read once and not stored: the backward pass takes them
/// again from the logarithm of their sum.
#include "kernel_template.h"
#ifdef REAL
#include "elementary_functions.h"
#include "vectors.h"

SUM_OF_TERMS(shortExponentialSum, (const REAL *x, REAL maximum, intptr_t n), real_exp(x[j] - maximum))

/// Σ e^(x − maximum). Its logarithm is not added to the maximum, beside which it would lose its digits. With +∞ or NaN
/// among the logits, or nothing but −∞, it is NaN.
INLINED REAL KERNEL(rowExponentialSum)(const REAL *x, REAL maximum, intptr_t n) {
  enum { block = 512 };  // for long rows, exponentials in a loop of their own are a quarter faster
  if (n < block) return KERNEL(shortExponentialSum)(x, maximum, n);
  REAL sum = 0;
  for (intptr_t first = 0; first < n; first += block) {
    const intptr_t columns = n - first < block ? n - first : block;
    REAL terms[block];
    for (intptr_t j = 0; j < columns; j++) terms[j] = real_exp(x[first + j] - maximum);
    sum += KERNEL(rowSum)(terms, columns);
  }
  return sum;
}

/// Σ nll_c of a row whose log Σ e^(x − maximum) is given, and Σ w_c nll_c.
SUM_OF_TERMS(rowLossSum, (const REAL *x, REAL maximum, REAL logSum, intptr_t n), logSum - (x[j] - maximum))
SUM_OF_TERMS(rowWeightedLossSum, (const REAL *x, REAL maximum, REAL logSum, const REAL *weights, intptr_t n),
             weights[j] * (logSum - (x[j] - maximum)))

// MARK: Softmax

void KERNEL(softmax)(IN logits, OUT out, intptr_t n, RANGE) {
  for (intptr_t i = first; i < end; i++) {
    const REAL *x = logits + i * n;
    REAL *y = out + i * n;
    const REAL maximum = KERNEL(rowMaximum)(x, n);
    EACH_COLUMN(y[j] = real_exp(x[j] - maximum));
    const REAL scale = 1 / KERNEL(rowSum)(y, n);
    EACH_COLUMN(y[j] *= scale);
  }
}

void KERNEL(softmaxGradient)(IN probabilities, IN gradients, OUT slopes, intptr_t n, RANGE) {
  for (intptr_t i = first; i < end; i++) {
    const REAL *y = probabilities + i * n, *g = gradients + i * n;
    REAL *out = slopes + i * n;
    const REAL dot = KERNEL(rowDot)(y, g, n);
    EACH_COLUMN(out[j] = y[j] * (g[j] - dot));
  }
}

void KERNEL(logSoftmax)(IN logits, OUT out, intptr_t n, RANGE) {
  for (intptr_t i = first; i < end; i++) {
    const REAL *x = logits + i * n;
    REAL *y = out + i * n;
    const REAL maximum = KERNEL(rowMaximum)(x, n), logSum = real_log(KERNEL(rowExponentialSum)(x, maximum, n));
    EACH_COLUMN(y[j] = x[j] - maximum - logSum);
  }
}

void KERNEL(logSoftmaxGradient)(IN logarithms, IN gradients, OUT slopes, intptr_t n, RANGE) {
  for (intptr_t i = first; i < end; i++) {
    const REAL *y = logarithms + i * n, *g = gradients + i * n;
    REAL *out = slopes + i * n;
    const REAL sum = KERNEL(rowSum)(g, n);
    EACH_COLUMN(out[j] = g[j] - real_exp(y[j]) * sum);
  }
}

// MARK: Cross-entropy

void KERNEL(softmaxCrossEntropy)(IN logits, ROWS labels, const REAL *weights, REAL smoothing,
                                                int32_t ignored, OUT losses, OUT logSums, intptr_t n, RANGE) {
  // First the label's logit less the row's maximum, and the sum of exponentials; the logarithms then go many at a time.
  for (intptr_t i = first; i < end; i++) {
    const bool counts = labels[i] != ignored;
    const REAL *x = logits + i * n;
    const REAL maximum = counts ? KERNEL(rowMaximum)(x, n) : 0;
    losses[i] = counts ? x[labels[i]] - maximum : 0;
    logSums[i] = counts ? KERNEL(rowExponentialSum)(x, maximum, n) : 1;
  }
  for (intptr_t i = first; i < end; i++) logSums[i] = real_log(logSums[i]);
  for (intptr_t i = first; i < end; i++) {
    if (labels[i] == ignored) continue;
    const REAL weight = weights ? weights[labels[i]] : 1;
    losses[i] = (1 - smoothing) * weight * (logSums[i] - losses[i]);
    if (smoothing == 0) continue;
    const REAL *x = logits + i * n;
    const REAL maximum = KERNEL(rowMaximum)(x, n);
    const REAL smoothed = weights ? KERNEL(rowWeightedLossSum)(x, maximum, logSums[i], weights, n)
                                  : KERNEL(rowLossSum)(x, maximum, logSums[i], n);
    losses[i] += smoothing / (REAL)n * smoothed;
  }
}

void KERNEL(softmaxCrossEntropyGradient)(IN logits, ROWS labels, const REAL *weights, REAL weightSum,
                                                        REAL smoothing, int32_t ignored, IN logSums, IN gradient,
                                                        intptr_t step, OUT slopes, intptr_t n, RANGE) {
  const REAL spread = smoothing / (REAL)n;
  for (intptr_t i = first; i < end; i++) {
    const REAL *x = logits + i * n;
    REAL *out = slopes + i * n;
    const REAL g = gradient[i * step];
    if (labels[i] == ignored) {
      EACH_COLUMN(out[j] = 0);
      continue;
    }
    const REAL onLabel = (1 - smoothing) * (weights ? weights[labels[i]] : 1);
    const REAL scale = g * (onLabel + spread * weightSum);
    const REAL maximum = KERNEL(rowMaximum)(x, n), logSum = logSums[i];
    EACH_COLUMN(out[j] = scale * real_exp(x[j] - maximum - logSum));
    out[labels[i]] -= g * onLabel;
    if (spread == 0) continue;
    EACH_COLUMN(out[j] -= g * spread * (weights ? weights[j] : 1));
  }
}

#endif
