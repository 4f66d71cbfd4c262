/// Layer normalization of rows (Ba, Kiros and Hinton 2016), two-pass mean and variance.
#include "for_each_real.h"
#ifdef REAL
#include "elementary_functions.h"

MULTIVERSIONED void KERNEL(layerNorm)(const REAL *x, const REAL *weight, const REAL *bias, REAL epsilon, REAL *y,
                                      REAL *statistics, intptr_t rows, intptr_t n) {
#pragma clang fp reassociate(on)
  for (intptr_t i = 0; i < rows; i++, x += n, y += n, statistics += 2) {
    REAL sum = 0, squares = 0;
    for (intptr_t j = 0; j < n; j++) sum += x[j];
    const REAL mean = sum / (REAL)n;
    for (intptr_t j = 0; j < n; j++) squares += (x[j] - mean) * (x[j] - mean);
    const REAL inverseDeviation = 1 / __builtin_elementwise_sqrt(squares / (REAL)n + epsilon);
    for (intptr_t j = 0; j < n; j++) y[j] = (x[j] - mean) * inverseDeviation * weight[j] + bias[j];
    statistics[0] = mean, statistics[1] = inverseDeviation;
  }
}

MULTIVERSIONED void KERNEL(layerNormGradient)(const REAL *x, const REAL *statistics, const REAL *weight, const REAL *g,
                                              REAL *out, intptr_t rows, intptr_t n) {
#pragma clang fp reassociate(on)
  for (intptr_t i = 0; i < rows; i++, x += n, g += n, out += n, statistics += 2) {
    const REAL mean = statistics[0], inverseDeviation = statistics[1];
    REAL sum = 0, product = 0;
    for (intptr_t j = 0; j < n; j++) {
      const REAL h = weight[j] * g[j];
      sum += h;
      product += h * (x[j] - mean);
    }
    const REAL meanOfH = sum / (REAL)n, meanOfProduct = product * inverseDeviation / (REAL)n;
    for (intptr_t j = 0; j < n; j++)
      out[j] = inverseDeviation * (weight[j] * g[j] - meanOfH - (x[j] - mean) * inverseDeviation * meanOfProduct);
  }
}

MULTIVERSIONED void KERNEL(layerNormWeightGradient)(const REAL *x, const REAL *statistics, const REAL *g, REAL *out,
                                                    intptr_t rows, intptr_t n) {
  enum { columnsAtOnce = 256, part = 64 };  // sums of 64 rows in REAL, and those in double: there may be many rows
  for (intptr_t first = 0; first < n; first += columnsAtOnce) {
    const intptr_t width = n - first < columnsAtOnce ? n - first : columnsAtOnce;
    double totals[columnsAtOnce] = {0};
    for (intptr_t start = 0; start < rows; start += part) {
      const intptr_t end = start + part < rows ? start + part : rows;
      REAL sums[columnsAtOnce] = {0};
      for (intptr_t i = start; i < end; i++) {
        const REAL mean = statistics[2 * i], inverseDeviation = statistics[2 * i + 1];
        const REAL *row = x + i * n + first, *gradient = g + i * n + first;
        for (intptr_t j = 0; j < width; j++) sums[j] += gradient[j] * ((row[j] - mean) * inverseDeviation);
      }
      for (intptr_t j = 0; j < width; j++) totals[j] += (double)sums[j];
    }
    for (intptr_t j = 0; j < width; j++) out[first + j] = (REAL)totals[j];
  }
}

#endif
