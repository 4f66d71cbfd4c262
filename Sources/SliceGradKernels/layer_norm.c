/// Layer normalization of rows (Ba, Kiros and Hinton 2016), two-pass mean and variance.
///
/// Rows go in groups of four, whose sums wait for nothing but memory: within one row, each sum would wait for the last.
#ifndef REAL

#include <stddef.h>
enum { group = 4, rowsOfPart = 64 };
#define EACH_ROW(r) _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++)

#endif

#include "for_each_real.h"
#ifdef REAL
#pragma clang fp reassociate(on)

/// Some rows, at most a group; their number is a constant where this is inlined.
INLINED void KERNEL(layerNormGroup)(const REAL *restrict x, const REAL *restrict weight, const REAL *restrict bias,
                                    REAL epsilon, REAL *restrict y, REAL *restrict statistics, int rows, intptr_t n) {
  REAL mean[group] = {0}, variance[group] = {0}, scale[group];
  for (intptr_t j = 0; j < n; j++) EACH_ROW(r) mean[r] += x[r * n + j];
  EACH_ROW(r) mean[r] /= (REAL)n;
  for (intptr_t j = 0; j < n; j++) EACH_ROW(r) {
    const REAL centered = x[r * n + j] - mean[r];
    variance[r] += centered * centered;
  }
  EACH_ROW(r) {
    scale[r] = 1 / __builtin_elementwise_sqrt(variance[r] / (REAL)n + epsilon);
    statistics[2 * r] = mean[r], statistics[2 * r + 1] = scale[r];
  }
  EACH_ROW(r) for (intptr_t j = 0; j < n; j++) y[r * n + j] = (x[r * n + j] - mean[r]) * scale[r] * weight[j] + bias[j];
}

MULTIVERSIONED void KERNEL(layerNorm)(IN x, IN weight, IN bias, REAL epsilon, OUT y, OUT statistics, intptr_t n,
                                      RANGE) {
  intptr_t i = first;
  for (; i + group <= end; i += group)
    KERNEL(layerNormGroup)(x + i * n, weight, bias, epsilon, y + i * n, statistics + i * 2, group, n);
  for (; i < end; i++) KERNEL(layerNormGroup)(x + i * n, weight, bias, epsilon, y + i * n, statistics + i * 2, 1, n);
}

/// Some rows, at most a group; their number is a constant where this is inlined.
INLINED void KERNEL(layerNormGradientGroup)(const REAL *restrict x, const REAL *restrict statistics,
                                            const REAL *restrict weight, const REAL *restrict g, intptr_t gStride,
                                            REAL *restrict out, REAL *restrict weightSums,
                                            REAL *restrict biasSums, int rows, intptr_t n) {
  REAL mean[group], scale[group], sum[group] = {0}, product[group] = {0};
  EACH_ROW(r) mean[r] = statistics[2 * r], scale[r] = statistics[2 * r + 1];
  for (intptr_t j = 0; j < n; j++) {
    REAL weightSum = 0, biasSum = 0;
    EACH_ROW(r) {
      const REAL slope = g[r * gStride + j], normalized = (x[r * n + j] - mean[r]) * scale[r];
      weightSum += slope * normalized;
      biasSum += slope;
      sum[r] += weight[j] * slope;
      product[r] += weight[j] * slope * normalized;
    }
    weightSums[j] += weightSum;
    biasSums[j] += biasSum;
  }
  if (!out) return;
  // scale (h − mean(h) − x̂ mean(h x̂)), with what is the same along a row taken out
  EACH_ROW(r) sum[r] *= scale[r] / (REAL)n, product[r] *= scale[r] * scale[r] / (REAL)n;
  EACH_ROW(r) for (intptr_t j = 0; j < n; j++)
    out[r * n + j] = scale[r] * (weight[j] * g[r * gStride + j]) - sum[r] - (x[r * n + j] - mean[r]) * product[r];
}

MULTIVERSIONED void KERNEL(layerNormGradient)(IN x, IN statistics, IN weight, IN g, intptr_t gStride, REAL *out,
                                              OUT weightSums, OUT biasSums, intptr_t rows, intptr_t n, RANGE) {
  for (intptr_t part = first; part < end; part++) {
    REAL *weightSum = weightSums + part * n, *biasSum = biasSums + part * n;
    for (intptr_t j = 0; j < n; j++) weightSum[j] = biasSum[j] = 0;
    const intptr_t endRow = (part + 1) * rowsOfPart < rows ? (part + 1) * rowsOfPart : rows;
    intptr_t i = part * rowsOfPart;
    for (; i + group <= endRow; i += group)
      KERNEL(layerNormGradientGroup)(x + i * n, statistics + i * 2, weight, g + i * gStride, gStride,
                                     out ? out + i * n : NULL, weightSum, biasSum, group, n);
    for (; i < endRow; i++)
      KERNEL(layerNormGradientGroup)(x + i * n, statistics + i * 2, weight, g + i * gStride, gStride,
                                     out ? out + i * n : NULL, weightSum, biasSum, 1, n);
  }
}

#endif
