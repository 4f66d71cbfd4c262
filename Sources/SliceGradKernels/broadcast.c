/// Arithmetic between shapes that broadcast, reductions over any axes, and permutations of axes: the loops that walk
/// through several dimensions. Neighbouring dimensions which the operands treat alike are merged first, so that what
/// remains inside is one long run; the walk then costs nothing for the usual shapes.
#ifndef REAL

#include "instruction_sets.h"
#include <stdbool.h>
#include <stdint.h>
enum { maximum_rank = 8 };

/// A walk through dimensions, the innermost first, in which two operands advance by their own strides (0: repeated).
typedef struct {
  intptr_t rank, dimensions[maximum_rank], left[maximum_rank], right[maximum_rank];
} walk;

/// The walk through the dimensions in which either operand may be 1 where the other is not. It has at least one.
static walk walk_over(const int32_t *leftShape, const int32_t *rightShape, intptr_t rank) {
  walk w = {.rank = 0, .dimensions = {1}, .left = {1}, .right = {1}};
  intptr_t leftStride = 1, rightStride = 1;
  for (intptr_t axis = rank - 1; axis >= 0; axis--) {
    const intptr_t l = leftShape[axis], r = rightShape[axis];
    if (l == 1 && r == 1) continue;
    const bool leftRepeats = l == 1, rightRepeats = r == 1;
    const intptr_t length = leftRepeats ? r : l, last = w.rank - 1;
    if (last >= 0 && leftRepeats == (w.left[last] == 0) && rightRepeats == (w.right[last] == 0)) {
      w.dimensions[last] *= length;
    } else {
      w.dimensions[w.rank] = length;
      w.left[w.rank] = leftRepeats ? 0 : leftStride;
      w.right[w.rank++] = rightRepeats ? 0 : rightStride;
    }
    leftStride *= l, rightStride *= r;
  }
  if (w.rank == 0) w.rank = 1;
  return w;
}

/// Where the walk stands: offsets of the current innermost run.
typedef struct {
  intptr_t index[maximum_rank], left, right;
} position;

/// Moves on to the next innermost run; false after the last one.
INLINED bool advance(const walk *w, position *p) {
  for (intptr_t axis = 1; axis < w->rank; axis++) {
    p->left += w->left[axis], p->right += w->right[axis];
    if (++p->index[axis] < w->dimensions[axis]) return true;
    p->index[axis] = 0;
    p->left -= w->dimensions[axis] * w->left[axis], p->right -= w->dimensions[axis] * w->right[axis];
  }
  return false;
}

static bool is_empty(const walk *w) {
  for (intptr_t axis = 0; axis < w->rank; axis++)
    if (w->dimensions[axis] == 0) return true;
  return false;
}

/// How many elements a shape has.
static intptr_t element_count(const int32_t *shape, intptr_t rank) {
  intptr_t count = 1;
  for (intptr_t axis = 0; axis < rank; axis++) count *= shape[axis];
  return count;
}

#endif

#include "kernel_template.h"
#ifdef REAL

// MARK: Broadcasting arithmetic

/// The larger one, or the NaN.
INLINED REAL KERNEL(larger)(REAL a, REAL b) { return a > b || a != a ? a : b; }

/// The smaller one, or the NaN.
INLINED REAL KERNEL(smaller)(REAL a, REAL b) { return a < b || a != a ? a : b; }

#define BINARY(name, f)                                                             \
  void KERNEL(name)(IN a, DIMENSIONS aShape, IN b, DIMENSIONS bShape, OUT results,  \
                                              intptr_t rank, RANGE) {               \
    walk w = walk_over(aShape, bShape, rank);                                       \
    position p = {0};                                                               \
    REAL *out = results;                                                            \
    if (w.rank == 1) {                                                              \
      p.left = first * w.left[0], p.right = first * w.right[0], out += first;       \
      w.dimensions[0] = end - first;                                                \
    }                                                                               \
    if (is_empty(&w)) return;                                                       \
    const intptr_t n = w.dimensions[0];                                             \
    do {                                                                            \
      const REAL *x = a + p.left, *y = b + p.right, left = *x, right = *y;          \
      if (w.left[0] == 0) {                                                         \
        for (intptr_t i = 0; i < n; i++) out[i] = f(left, y[i]);                    \
      } else if (w.right[0] == 0) {                                                 \
        for (intptr_t i = 0; i < n; i++) out[i] = f(x[i], right);                   \
      } else {                                                                      \
        for (intptr_t i = 0; i < n; i++) out[i] = f(x[i], y[i]);                    \
      }                                                                             \
      out += n;                                                                     \
    } while (advance(&w, &p));                                                      \
  }

#define SUM(x, y) (x) + (y)
#define DIFFERENCE(x, y) (x) - (y)
#define PRODUCT(x, y) (x) * (y)
#define QUOTIENT(x, y) (x) / (y)
#define IS_GREATER(x, y) (REAL)((x) > (y))
#define IS_GREATER_OR_EQUAL(x, y) (REAL)((x) >= (y))
#define IS_EQUAL(x, y) (REAL)((x) == (y))

BINARY(add, SUM)
BINARY(subtract, DIFFERENCE)
BINARY(multiply, PRODUCT)
BINARY(divide, QUOTIENT)
BINARY(maximumOfTwo, KERNEL(larger))
BINARY(minimumOfTwo, KERNEL(smaller))
BINARY(isGreater, IS_GREATER)
BINARY(isGreaterOrEqual, IS_GREATER_OR_EQUAL)
BINARY(isEqual, IS_EQUAL)

void KERNEL(select)(IN mask, IN x, IN y, OUT out, RANGE) {
  for (intptr_t i = first; i < end; i++) out[i] = mask[i] != 0 ? y[i] : x[i];
}

// MARK: Reductions

/// A run's sum: in parts of 4096, of which each of 64 lanes sums every 64th element in REAL, and the lanes in double.
INLINED double KERNEL(runSum)(const REAL *x, intptr_t n) {
  enum { lanes = 64, part = 4096 };
  double total = 0;
  for (intptr_t start = 0; start < n; start += part) {
    const intptr_t end = start + part < n ? start + part : n;
    REAL sums[lanes] = {0};
    intptr_t i = start;
    for (; i + lanes <= end; i += lanes)
      for (int lane = 0; lane < lanes; lane++) sums[lane] += x[i + lane];
    for (; i < end; i++) sums[i % lanes] += x[i];
    for (int lane = 0; lane < lanes; lane++) total += (double)sums[lane];
  }
  return total;
}

/// The sums of the columns of x [rows, columns]: like runs, in parts of 64 rows in REAL, and the parts in double.
INLINED void KERNEL(columnSums)(const REAL *x, REAL *out, intptr_t rows, intptr_t columns) {
  enum { columnsAtOnce = 256, part = 64 };
  for (intptr_t first = 0; first < columns; first += columnsAtOnce) {
    const intptr_t width = columns - first < columnsAtOnce ? columns - first : columnsAtOnce;
    double totals[columnsAtOnce] = {0};
    for (intptr_t start = 0; start < rows; start += part) {
      const intptr_t end = start + part < rows ? start + part : rows;
      REAL sums[columnsAtOnce] = {0};
      for (intptr_t row = start; row < end; row++)
        for (intptr_t j = 0; j < width; j++) sums[j] += x[row * columns + first + j];
      for (intptr_t j = 0; j < width; j++) totals[j] += (double)sums[j];
    }
    for (intptr_t j = 0; j < width; j++) out[first + j] = (REAL)totals[j];
  }
}

double KERNEL(total)(IN x, RANGE) {
  return KERNEL(runSum)(x + first, end - first);
}

void KERNEL(sum)(IN x, DIMENSIONS xShape, OUT out, DIMENSIONS outShape, intptr_t rank) {
  const walk w = walk_over(xShape, outShape, rank);
  const intptr_t outCount = element_count(outShape, rank);
  memset(out, 0, (size_t)outCount * sizeof(REAL));
  if (is_empty(&w)) return;
  const intptr_t n = w.dimensions[0];
  const bool isReduced = w.right[0] == 0;
  // The two usual cases need no memory: runs that are summed, each to its own element, and columns that are.
  if (w.rank == 2 && !isReduced) return KERNEL(columnSums)(x, out, w.dimensions[1], n);
  if (w.rank <= 2 && isReduced) {
    for (intptr_t run = 0; run < outCount; run++) out[run] = (REAL)KERNEL(runSum)(x + run * n, n);
    return;
  }
  const intptr_t bytes = outCount * (intptr_t)sizeof(double);
  double *sums = slicegrad_allocate(bytes);
  memset(sums, 0, (size_t)bytes);
  position p = {0};
  do {
    const REAL *run = x + p.left;
    if (isReduced) {
      sums[p.right] += KERNEL(runSum)(run, n);
    } else {
      for (intptr_t i = 0; i < n; i++) sums[p.right + i] += (double)run[i];
    }
  } while (advance(&w, &p));
  for (intptr_t i = 0; i < outCount; i++) out[i] = (REAL)sums[i];
  slicegrad_release(sums, bytes);
}


void KERNEL(maximum)(IN x, DIMENSIONS xShape, OUT out, DIMENSIONS outShape, intptr_t rank) {
  const walk w = walk_over(xShape, outShape, rank);
  for (intptr_t i = 0; i < element_count(outShape, rank); i++) out[i] = -(REAL)INFINITY;
  if (is_empty(&w)) return;
  const intptr_t n = w.dimensions[0];
  const bool isReduced = w.right[0] == 0;
  position p = {0};
  do {
    const REAL *run = x + p.left;
    REAL *maxima = out + p.right;
    if (isReduced) {
      REAL maximum = *maxima;
      for (intptr_t i = 0; i < n; i++) maximum = KERNEL(larger)(maximum, run[i]);
      *maxima = maximum;
    } else {
      for (intptr_t i = 0; i < n; i++) maxima[i] = KERNEL(larger)(maxima[i], run[i]);
    }
  } while (advance(&w, &p));
}

void KERNEL(maximumGradient)(IN x, DIMENSIONS xShape, IN y, OUT g, OUT out, DIMENSIONS outShape, intptr_t rank) {
  const walk w = walk_over(xShape, outShape, rank);
  if (is_empty(&w)) return;
  const intptr_t n = w.dimensions[0], stride = w.right[0];
  position p = {0};
  do {
    for (intptr_t i = 0; i < n; i++) {
      const intptr_t from = p.left + i, to = p.right + i * stride;
      const bool isMaximum = x[from] == y[to] || (x[from] != x[from] && y[to] != y[to]);
      out[from] = isMaximum ? g[to] : 0;
      if (isMaximum) g[to] = 0;
    }
  } while (advance(&w, &p));
}

void KERNEL(cumulativeSum)(IN x, OUT y, intptr_t n, intptr_t inner, bool isReversed, RANGE) {
  for (intptr_t outer = first; outer < end; outer++) {
    for (intptr_t i = 0; i < n; i++) {
      const intptr_t place = (outer * n + (isReversed ? n - 1 - i : i)) * inner, before = isReversed ? inner : -inner;
      for (intptr_t j = place; j < place + inner; j++) y[j] = i == 0 ? x[j] : y[j + before] + x[j];
    }
  }
}

// MARK: Permutations of axes

void KERNEL(permute)(IN x, const intptr_t *strides, OUT out, DIMENSIONS shape, intptr_t rank) {
  walk w = {.rank = rank, .dimensions = {1}, .left = {1}};
  for (intptr_t i = 0; i < rank; i++) w.dimensions[i] = shape[rank - 1 - i], w.left[i] = strides[rank - 1 - i];
  if (is_empty(&w)) return;
  const intptr_t n = w.dimensions[0], stride = w.left[0];
  position p = {0};
  do {
    const REAL *run = x + p.left;
    if (stride == 1) {
      memcpy(out, run, (size_t)n * sizeof(REAL));
    } else {
      for (intptr_t i = 0; i < n; i++) out[i] = run[i * stride];
    }
    out += n;
  } while (advance(&w, &p));
}

#endif
