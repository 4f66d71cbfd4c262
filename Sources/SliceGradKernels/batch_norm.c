/// Batch normalization of columns (Ioffe and Szegedy 2015), two-pass mean and variance.
///
/// Rows are read in their order, as they lie in memory, while a sum for each column is kept. Sums are taken of 64 rows
/// each, and then of those: one running sum of many rows would lose digits in REAL.
#include "kernel_template.h"
#ifdef REAL

enum { KERNEL(rows_of_sum) = 64, KERNEL(columns_of_block) = 256 };

/// Sets sums[j] = Σ term over the rows, for `count` columns; `term` is of the row i and the column j.
#define SUM_OVER_ROWS(sums, term)                                                      \
  for (intptr_t j = 0; j < count; j++) sums[j] = 0;                                    \
  for (intptr_t part = 0; part < rows; part += KERNEL(rows_of_sum)) {                  \
    REAL partial[KERNEL(columns_of_block)] = {0};                                      \
    const intptr_t left = rows - part;                                                 \
    const intptr_t end_row = part + (left < KERNEL(rows_of_sum) ? left : KERNEL(rows_of_sum)); \
    for (intptr_t i = part; i < end_row; i++)                                          \
      for (intptr_t j = 0; j < count; j++) partial[j] += term;                         \
    for (intptr_t j = 0; j < count; j++) sums[j] += partial[j];                        \
  }

#define EACH_BLOCK                                                                      \
  for (intptr_t block = first, count; block < end; block += count)                      \
    if ((count = end - block < KERNEL(columns_of_block) ? end - block : KERNEL(columns_of_block)))

void KERNEL(batchNorm)(IN x, IN weight, IN bias, REAL epsilon, OUT y, OUT statistics, intptr_t rows, intptr_t n,
                       RANGE) {
  EACH_BLOCK {
    const REAL *columns = x + block;
    REAL *mean = statistics + block, *variance = statistics + n + block, *scale = statistics + 2 * n + block;
    REAL factor[KERNEL(columns_of_block)];
    SUM_OVER_ROWS(mean, columns[i * n + j])
    for (intptr_t j = 0; j < count; j++) mean[j] /= (REAL)rows;
    SUM_OVER_ROWS(variance, (columns[i * n + j] - mean[j]) * (columns[i * n + j] - mean[j]))
    for (intptr_t j = 0; j < count; j++) {
      variance[j] /= (REAL)rows;
      scale[j] = 1 / __builtin_elementwise_sqrt(variance[j] + epsilon);
      factor[j] = scale[j] * weight[block + j];
    }
    for (intptr_t i = 0; i < rows; i++)
      for (intptr_t j = 0; j < count; j++)
        y[i * n + block + j] = (columns[i * n + j] - mean[j]) * factor[j] + bias[block + j];
  }
}

void KERNEL(batchNormGradient)(IN x, IN statistics, IN weight, IN g, OUT out, OUT weightSums, OUT biasSums,
                               intptr_t rows, intptr_t n, RANGE) {
  EACH_BLOCK {
    const REAL *columns = x + block, *slopes = g + block;
    const REAL *mean = statistics + block, *scale = statistics + 2 * n + block;
    REAL *weight_sum = weightSums + block, *bias_sum = biasSums + block;
    REAL factor[KERNEL(columns_of_block)], product[KERNEL(columns_of_block)], shift[KERNEL(columns_of_block)];
    SUM_OVER_ROWS(bias_sum, slopes[i * n + j])
    SUM_OVER_ROWS(weight_sum, slopes[i * n + j] * (columns[i * n + j] - mean[j]))
    // weight · scale · (g − mean(g) − x̂ mean(g x̂)), with what is the same along a column taken out
    for (intptr_t j = 0; j < count; j++) {
      weight_sum[j] *= scale[j];
      factor[j] = weight[block + j] * scale[j];
      product[j] = factor[j] * scale[j] * weight_sum[j] / (REAL)rows;
      shift[j] = factor[j] * bias_sum[j] / (REAL)rows;
    }
    for (intptr_t i = 0; i < rows; i++)
      for (intptr_t j = 0; j < count; j++)
        out[i * n + block + j] = factor[j] * slopes[i * n + j] - shift[j] - (columns[i * n + j] - mean[j]) * product[j];
  }
}

#endif
