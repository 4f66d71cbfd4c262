/// Layer normalization of rows (Ba, Kiros and Hinton 2016), two-pass mean and variance; or, where rows aren't centered
/// and so have the mean 0, division by the root of the mean square (Zhang and Sennrich 2019).
///
/// Rows go in groups, whose sums wait for nothing but memory: within one row, each sum would wait for the last.
#ifndef REAL

enum { rows_of_group = 4, rows_of_part = 64 };
#define EACH_ROW(r) _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++)

#endif

#include "kernel_template.h"
#ifdef REAL
#include "vectors.h"

/// Some rows, at most a group; their number is a constant where this is inlined.
INLINED void KERNEL(layerNormGroup)(const REAL *restrict x, const REAL *restrict weight, const REAL *restrict bias,
                                    REAL epsilon, bool centers, REAL *restrict y, REAL *restrict statistics, int rows,
                                    intptr_t n) {
  REAL mean[rows_of_group], scale[rows_of_group];
  Vector sums[rows_of_group], squares[rows_of_group];
  EACH_ROW(r) sums[r] = squares[r] = (Vector){0};
  EACH_VECTOR(EACH_ROW(r) {
    Vector row;
    KERNEL(load)(&row, x + r * n + j, count, 0);
    sums[r] += row;
  })
  EACH_ROW(r) mean[r] = centers ? KERNEL(sumOfLanes)(&sums[r]) / (REAL)n : 0;
  EACH_VECTOR(EACH_ROW(r) {
    Vector row;
    KERNEL(load)(&row, x + r * n + j, count, mean[r]);
    row -= mean[r];
    __builtin_prefetch(x + (r + rows) * n + j);  // the next group's row: the processor begins anew with each page
    squares[r] += row * row;
  })
  EACH_ROW(r) {
    const REAL variance = KERNEL(sumOfLanes)(&squares[r]) / (REAL)n;
    scale[r] = 1 / __builtin_elementwise_sqrt(variance + epsilon);
    statistics[2 * r] = mean[r], statistics[2 * r + 1] = scale[r];
  }
  EACH_ROW(r) for (intptr_t j = 0; j < n; j++) y[r * n + j] = (x[r * n + j] - mean[r]) * scale[r] * weight[j] + bias[j];
}

void KERNEL(layerNorm)(IN x, IN weight, IN bias, REAL epsilon, bool centers, OUT y, OUT statistics, intptr_t n,
                       RANGE) {
  enum { group = rows_of_group };
  intptr_t i = first;
  for (; i + group <= end; i += group)
    KERNEL(layerNormGroup)(x + i * n, weight, bias, epsilon, centers, y + i * n, statistics + i * 2, group, n);
  for (; i < end; i++)
    KERNEL(layerNormGroup)(x + i * n, weight, bias, epsilon, centers, y + i * n, statistics + i * 2, 1, n);
}

/// Some rows, at most a group; their number is a constant where this is inlined.
INLINED void KERNEL(layerNormGradientGroup)(const REAL *restrict x, const REAL *restrict statistics,
                                            const REAL *restrict weight, const REAL *restrict g, intptr_t gStride,
                                            bool centers, REAL *restrict out, REAL *restrict weightSums,
                                            REAL *restrict biasSums, int rows, intptr_t n) {
  REAL mean[rows_of_group], scale[rows_of_group];
  Vector sums[rows_of_group], products[rows_of_group];
  EACH_ROW(r) mean[r] = statistics[2 * r], scale[r] = statistics[2 * r + 1], sums[r] = products[r] = (Vector){0};
  EACH_VECTOR({
    Vector weights, weightSum, biasSum;
    KERNEL(load)(&weights, weight + j, count, 0);
    KERNEL(load)(&weightSum, weightSums + j, count, 0);
    KERNEL(load)(&biasSum, biasSums + j, count, 0);
    EACH_ROW(r) {
      Vector slopes, normalized;
      KERNEL(load)(&slopes, g + r * gStride + j, count, 0);
      KERNEL(load)(&normalized, x + r * n + j, count, 0);
      normalized = (normalized - mean[r]) * scale[r];
      weightSum += slopes * normalized;
      biasSum += slopes;
      slopes *= weights;
      sums[r] += slopes;
      products[r] += slopes * normalized;
    }
    KERNEL(store)(&weightSum, weightSums + j, count);
    KERNEL(store)(&biasSum, biasSums + j, count);
  })
  if (!out) return;
  // scale (h − mean(h) − x̂ mean(h x̂)), with what is the same along a row taken out
  EACH_ROW(r) {
    const REAL sum = centers ? KERNEL(sumOfLanes)(&sums[r]) * (scale[r] / (REAL)n) : 0;
    const REAL product = KERNEL(sumOfLanes)(&products[r]) * (scale[r] * scale[r] / (REAL)n);
    for (intptr_t j = 0; j < n; j++)
      out[r * n + j] = scale[r] * (weight[j] * g[r * gStride + j]) - sum - (x[r * n + j] - mean[r]) * product;
  }
}

void KERNEL(layerNormGradient)(IN x, IN statistics, IN weight, IN g, intptr_t gStride, bool centers, REAL *out,
                               OUT weightSums, OUT biasSums, intptr_t rows, intptr_t n, RANGE) {
  enum { group = REGISTER_BYTES / 16 };  // the sums of a group fill the registers
  for (intptr_t part = first; part < end; part++) {
    REAL *weightSum = weightSums + part * n, *biasSum = biasSums + part * n;
    for (intptr_t j = 0; j < n; j++) weightSum[j] = biasSum[j] = 0;
    const intptr_t endRow = (part + 1) * rows_of_part < rows ? (part + 1) * rows_of_part : rows;
    intptr_t i = part * rows_of_part;
    for (; i + group <= endRow; i += group)
      KERNEL(layerNormGradientGroup)(x + i * n, statistics + i * 2, weight, g + i * gStride, gStride, centers,
                                     out ? out + i * n : NULL, weightSum, biasSum, group, n);
    for (; i < endRow; i++)
      KERNEL(layerNormGradientGroup)(x + i * n, statistics + i * 2, weight, g + i * gStride, gStride, centers,
                                     out ? out + i * n : NULL, weightSum, biasSum, 1, n);
  }
}

#endif
