/// Distances between vectors and rows of a table, and the ways back to both. Nothing is kept but the distances: the
/// differences are computed again on the way back.
#include "kernel_template.h"
#ifdef REAL
#include "prefetch.h"
#include "vectors.h"

INLINED REAL KERNEL(squareOf)(REAL x) { return x * x; }

/// √(a² + b²), rounded in this order.
INLINED REAL KERNEL(modulus)(REAL a, REAL b) {
  const REAL square = b * b;
  return __builtin_elementwise_sqrt(a * a + square);
}

#define DIFFERENCES (const REAL *x, const REAL *y, intptr_t n)
SUM_OF_TERMS(sumOfAbsoluteDifferences, DIFFERENCES, __builtin_elementwise_abs(x[j] - y[j]))
SUM_OF_TERMS(sumOfSquaredDifferences, DIFFERENCES, KERNEL(squareOf)(x[j] - y[j]))
SUM_OF_TERMS(sumOfModuli, DIFFERENCES, KERNEL(modulus)(x[j] - y[j], x[n + j] - y[n + j]))
#undef DIFFERENCES

INLINED REAL KERNEL(distance)(const REAL *x, const REAL *r, SliceGradDistance kind, intptr_t d) {
  switch (kind) {
    case SliceGradL1: return KERNEL(sumOfAbsoluteDifferences)(x, r, d);
    case SliceGradL2: return __builtin_elementwise_sqrt(KERNEL(sumOfSquaredDifferences)(x, r, d));
    case SliceGradSquaredL2: return KERNEL(sumOfSquaredDifferences)(x, r, d);
    case SliceGradComplexL1: return KERNEL(sumOfModuli)(x, r, d / 2);
  }
}

/// The gradient g of a distance, times what is the same for all columns in the derivative of the distance.
INLINED REAL KERNEL(distanceFactor)(REAL g, REAL distance, SliceGradDistance kind) {
  switch (kind) {
    case SliceGradL2: return distance > 0 ? g / distance : 0 * g;
    case SliceGradSquaredL2: return 2 * g;
    default: return g;
  }
}

/// out += factor · the rest of ∂distance/∂x. That is 0 where x and r are equal.
INLINED void KERNEL(addDirection)(REAL factor, const REAL *restrict x, const REAL *restrict r, SliceGradDistance kind,
                                  REAL *restrict out, intptr_t d) {
  if (kind == SliceGradL1) {
    for (intptr_t j = 0; j < d; j++) {
      const REAL difference = x[j] - r[j];
      out[j] += difference > 0 ? factor : difference < 0 ? -factor : factor * difference;  // NaN stays NaN
    }
  } else if (kind == SliceGradComplexL1) {
    const intptr_t n = d / 2;
    for (intptr_t j = 0; j < n; j++) {
      const REAL real = x[j] - r[j], imaginary = x[n + j] - r[n + j], modulus = KERNEL(modulus)(real, imaginary);
      const REAL scale = modulus == 0 ? 0 : factor / modulus;
      out[j] += scale * real;
      out[n + j] += scale * imaginary;
    }
  } else {
    for (intptr_t j = 0; j < d; j++) out[j] += factor * (x[j] - r[j]);
  }
}

/// Begins a loop over the positions of vector b: position i stands for the row `row` [d] of the table.
#define EACH_POSITION(b)                                                                              \
  const intptr_t start = lists.splits ? lists.splits[b] : (b) * lists.count;                          \
  const intptr_t stop = lists.splits ? lists.splits[(b) + 1] : start + lists.count;                   \
  for (intptr_t i = start; i < stop; i++) {                                                           \
    const REAL *row = table + (lists.rows ? lists.rows[i] : i - start) * d;                           \
    if (lists.rows && i + KERNEL(rowsAhead) < stop)                                                   \
      KERNEL(prefetchRow)(table + lists.rows[i + KERNEL(rowsAhead)] * d, d);

void KERNEL(distances)(IN table, SliceGradLists lists, IN x, SliceGradDistance kind, OUT out, intptr_t d, RANGE) {
  for (intptr_t b = first; b < end; b++) {
    EACH_POSITION(b) out[i] = KERNEL(distance)(x + b * d, row, kind, d); }
  }
}

void KERNEL(distanceGradient)(IN table, SliceGradLists lists, IN x, IN g, IN distances, SliceGradDistance kind, OUT out,
                              intptr_t d, RANGE) {
  memset(out + first * d, 0, (size_t)((end - first) * d) * sizeof(REAL));
  for (intptr_t b = first; b < end; b++) {
    EACH_POSITION(b)
      KERNEL(addDirection)(KERNEL(distanceFactor)(g[i], distances[i], kind), x + b * d, row, kind, out + b * d, d);
    }
  }
}

#undef EACH_POSITION

void KERNEL(distanceRowGradient)(IN table, IN x, IN g, IN distances, SliceGradDistance kind, OUT out, intptr_t vectors,
                                 intptr_t rows, intptr_t d, RANGE) {
  memset(out + first * d, 0, (size_t)((end - first) * d) * sizeof(REAL));
  for (intptr_t r = first; r < end; r++)
    for (intptr_t b = 0; b < vectors; b++) {
      const REAL factor = -KERNEL(distanceFactor)(g[b * rows + r], distances[b * rows + r], kind);
      KERNEL(addDirection)(factor, x + b * d, table + r * d, kind, out + r * d, d);
    }
}

void KERNEL(mergeDistances)(IN table, SliceGradUses uses, IN x, IN g, IN distances, SliceGradDistance kind, OUT out,
                            intptr_t d, RANGE) {
  for (intptr_t r = first; r < end; r++) {
    REAL *sum = out + (uses.isWhole ? uses.rows[r] : r) * d;
    if (!uses.accumulates) memset(sum, 0, (size_t)d * sizeof(REAL));
    for (intptr_t k = uses.starts[r]; k < uses.starts[r + 1]; k++) {
      const SliceGradUse use = uses.uses[k];
      const REAL factor = -KERNEL(distanceFactor)(g[use.position], distances[use.position], kind);
      KERNEL(addDirection)(factor, x + use.bag * d, table + uses.rows[r] * d, kind, sum, d);
    }
  }
}

#endif
