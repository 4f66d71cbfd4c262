/// Columns of a transposed matrix as vectors: transposed in registers, on the way from memory. A template like the
/// kernels themselves.
#ifdef REAL

typedef REAL KERNEL(Quarter) __attribute__((vector_size(16), aligned(sizeof(REAL))));

/// Four quarters of a vector, from four rows of a matrix.
INLINED void KERNEL(load_quarters)(Vector *vector, const REAL *const *rows, intptr_t apart, intptr_t p) {
  const KERNEL(Quarter) a = *(const KERNEL(Quarter) *)(rows[0] + p), b = *(const KERNEL(Quarter) *)(rows[apart] + p);
  const KERNEL(Quarter) c = *(const KERNEL(Quarter) *)(rows[2 * apart] + p);
  const KERNEL(Quarter) d = *(const KERNEL(Quarter) *)(rows[3 * apart] + p);
#if REAL_IS_FLOAT
  const __auto_type low = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
  const __auto_type high = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7);
  *vector = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  const __auto_type low = __builtin_shufflevector(a, b, 0, 1, 2, 3);
  const __auto_type high = __builtin_shufflevector(c, d, 0, 1, 2, 3);
  *vector = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
#endif
}

/// Transposes the squares that the quarters of so many vectors make up: within quarters, so that no scalar has to move
/// from one half of a register to the other.
INLINED void KERNEL(transpose_quarters)(Vector *v) {
#if REAL_IS_FLOAT
#define LOW(x, y) __builtin_shufflevector(x, y, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH(x, y) __builtin_shufflevector(x, y, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
  const Vector a = LOW(v[0], v[2]), b = HIGH(v[0], v[2]), c = LOW(v[1], v[3]), d = HIGH(v[1], v[3]);
  v[0] = LOW(a, c), v[1] = HIGH(a, c), v[2] = LOW(b, d), v[3] = HIGH(b, d);
#undef LOW
#undef HIGH
#else
  const Vector a = v[0];
  v[0] = __builtin_shufflevector(a, v[1], 0, 8, 2, 10, 4, 12, 6, 14);
  v[1] = __builtin_shufflevector(a, v[1], 1, 9, 3, 11, 5, 13, 7, 15);
#endif
}

/// Where LANES columns of a transposed b begin, from column j on. The last one stands for those beyond it.
INLINED void KERNEL(find_columns)(const REAL **start, const REAL *b, intptr_t stride, intptr_t j, intptr_t columns) {
  for (intptr_t i = 0; i < LANES; i++) start[i] = b + (j + i < columns ? j + i : columns - 1) * stride;
}

enum { KERNEL(quarter) = 16 / sizeof(REAL) };

/// LANES columns of a transposed b at the depths from p on, a vector for each of as many depths as a quarter holds.
INLINED void KERNEL(load_transposed)(Vector *vectors, const REAL *const *start, intptr_t p) {
  UNROLLED for (int i = 0; i < KERNEL(quarter); i++)
    KERNEL(load_quarters)(&vectors[i], start + i, KERNEL(quarter), p);
  KERNEL(transpose_quarters)(vectors);
}

#endif
