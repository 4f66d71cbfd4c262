/// Vectors of 64 bytes, whatever the machine's registers hold, and sums of which the order is written down and not left
/// to the compiler. So a sum has the same bits with registers of 64 bytes, 32 or 16, as long as the machine multiplies
/// and adds in one operation, and with or without optimization. A template like the kernels themselves.
#ifndef SLICEGRAD_VECTORS
#define SLICEGRAD_VECTORS

enum { vector_bytes = 64 };  // a register of AVX-512, two of AVX2, four of NEON or SSE

#define Vector KERNEL(Vector)
#define LANES ((intptr_t)(vector_bytes / sizeof(REAL)))
#define UNROLLED _Pragma("clang loop unroll(full)")

/// Does something for each vector of a row of n: for the `count` columns from j on, which are LANES but at the end.
#define EACH_VECTOR(...)                                                           \
  for (intptr_t j = 0, count = LANES; j + LANES <= n; j += LANES) { __VA_ARGS__ }  \
  if (n % LANES > 0) {                                                             \
    const intptr_t count = n % LANES, j = n - count;                               \
    __VA_ARGS__                                                                    \
  }

/// Does something for each column j of a row of n. Rows are often short: what whole runs of vectors leave goes at once,
/// under a mask, and not one by one.
#define EACH_COLUMN(...)                                                                   \
  for (intptr_t j = 0; j < n / 64 * 64; j++) __VA_ARGS__;                                  \
  _Pragma("clang loop vectorize_predicate(enable)") for (intptr_t j = n / 64 * 64; j < n; j++) __VA_ARGS__

/// Defines a function that returns Σ term, an expression of the column j, over the n columns of a row. Lane l of
/// 2 · LANES sums every term whose column is l modulo their number. A register holds `width` of these lanes.
#define SUM_OF_TERMS(name, parameters, term)                                                    \
  INLINED REAL KERNEL(name) parameters {                                                        \
    enum { width = REGISTER_BYTES / sizeof(REAL), registers = 2 * LANES / width };              \
    typedef REAL Register __attribute__((vector_size(REGISTER_BYTES), aligned(sizeof(REAL))));  \
    Register sums[registers];                                                                   \
    REAL terms[width];                                                                          \
    UNROLLED for (int r = 0; r < registers; r++) sums[r] = (Register){0};                       \
    intptr_t first = 0;                                                                         \
    for (; first + 2 * LANES <= n; first += 2 * LANES) {                                        \
      UNROLLED for (int r = 0; r < registers; r++) {                                            \
        ONE_REGISTER for (int k = 0; k < width; k++) {                                          \
          const intptr_t j = first + r * width + k;                                             \
          terms[k] = term;                                                                      \
        }                                                                                       \
        sums[r] += *(const Register *)terms;                                                    \
      }                                                                                         \
    }                                                                                           \
    UNROLLED for (int r = 0; r < registers; r++) {                                              \
      const intptr_t left = n - first - r * width < width ? n - first - r * width : width;      \
      if (left <= 0) break;                                                                     \
      ONE_REGISTER for (int k = 0; k < width; k++) {                                            \
        const intptr_t j = first + r * width + k;                                               \
        terms[k] = IS_WITHIN(k, left) ? term : 0;                                               \
      }                                                                                         \
      sums[r] += *(const Register *)terms;                                                      \
    }                                                                                           \
    UNROLLED for (int half = registers / 2; half > 0; half /= 2)                                \
      UNROLLED for (int r = 0; r < half; r++) sums[r] += sums[r + half];                        \
    *(Register *)terms = sums[0];                                                               \
    UNROLLED for (int half = width / 2; half > 0; half /= 2)                                    \
      UNROLLED for (int k = 0; k < half; k++) terms[k] += terms[k + half];                      \
    return terms[0];                                                                            \
  }

// Before a loop over the elements of one register: it becomes straight vector code.
#define ONE_REGISTER _Pragma("clang loop unroll(disable) interleave_count(1)")

/// lane < count, from a table: so a whole vector of answers is one load. For both up to LANES.
#define IS_WITHIN(lane, count) KERNEL(is_within)[LANES - (count) + (lane)]

#endif
#ifdef REAL

#if REAL_IS_FLOAT
static const int32_t KERNEL(is_within)[2 * LANES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
#else
static const int64_t KERNEL(is_within)[2 * LANES] = {1, 1, 1, 1, 1, 1, 1, 1};
#endif

typedef REAL Vector __attribute__((vector_size(vector_bytes), aligned(sizeof(REAL))));

/// Loads the first `count` scalars, at most LANES, and the padding after them. Vectors are passed by address, because
/// passing them by value is another calling convention in each instruction set.
INLINED void KERNEL(load)(Vector *vector, const REAL *source, intptr_t count, REAL padding) {
  if (count >= LANES) {
    *vector = *(const Vector *)source;
  } else {
    REAL lanes[LANES];
    #pragma clang loop unroll(disable)  // leaves a loop to be made one masked load
    for (int lane = 0; lane < LANES; lane++) lanes[lane] = IS_WITHIN(lane, count) ? source[lane] : padding;
    *vector = *(const Vector *)lanes;
  }
}

/// Stores the first `count` scalars, at most LANES.
INLINED void KERNEL(store)(const Vector *vector, REAL *destination, intptr_t count) {
  if (count >= LANES) {
    *(Vector *)destination = *vector;
  } else {
    REAL lanes[LANES];
    *(Vector *)lanes = *vector;
    #pragma clang loop unroll(disable)
    for (int lane = 0; lane < LANES; lane++)
      if (IS_WITHIN(lane, count)) destination[lane] = lanes[lane];
  }
}

/// The sum of all lanes: the upper half is added to the lower one, until one is left.
INLINED REAL KERNEL(sumOfLanes)(const Vector *vector) {
  REAL lanes[LANES];
  *(Vector *)lanes = *vector;
  UNROLLED for (intptr_t half = LANES / 2; half > 0; half /= 2)
    UNROLLED for (intptr_t lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
  return lanes[0];
}

/// The dot product of two rows of n, and the sum and the maximum of one; −∞ is that of none.
SUM_OF_TERMS(rowDot, (const REAL *a, const REAL *b, intptr_t n), a[j] * b[j])
SUM_OF_TERMS(rowSum, (const REAL *a, intptr_t n), a[j])
INLINED REAL KERNEL(rowMaximum)(const REAL *x, intptr_t n) {
  enum { lanes = 64 / sizeof(REAL) };  // maxima of every 64th byte, which fill a vector register
  REAL maxima[lanes];
  for (int lane = 0; lane < lanes; lane++) maxima[lane] = -(REAL)INFINITY;
  intptr_t j = 0;
  for (; j + lanes <= n; j += lanes)
    for (int lane = 0; lane < lanes; lane++) maxima[lane] = x[j + lane] > maxima[lane] ? x[j + lane] : maxima[lane];
  for (int lane = 0; lane < lanes; lane++) {
    const REAL last = lane < n - j ? x[j + lane] : -(REAL)INFINITY;
    maxima[lane] = last > maxima[lane] ? last : maxima[lane];
  }
  for (int half = lanes / 2; half > 0; half /= 2)
    for (int lane = 0; lane < half; lane++)
      maxima[lane] = maxima[lane + half] > maxima[lane] ? maxima[lane + half] : maxima[lane];
  return maxima[0];
}

#endif
