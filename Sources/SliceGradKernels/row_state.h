/// Where rules find what they keep for each number. A template like the kernels themselves.
#ifdef REAL

/// The address of the numbers of kind k that a rule keeps for run i: m [d] of a row has kind 0, v [d] after it kind 1.
/// NULL if there are none.
INLINED REAL *KERNEL(state)(const SliceGradRows *rows, intptr_t i, intptr_t d, int k) {
  if (!rows->rows) return rows->blocks[k] ? (REAL *)rows->blocks[k] + i : NULL;
  if (!rows->blocks || k * d >= rows->width) return NULL;
  const intptr_t slot = rows->slots[i];
  REAL *block = rows->blocks[slot >> rows->slotShift];
  return block + (slot & (((intptr_t)1 << rows->slotShift) - 1)) * rows->width + k * d;
}

#define STATE(k) KERNEL(state)(&rows, i, d, k)

/// Prefetches the rows and the state of an update that comes soon: rows of a large table are rarely in a cache.
INLINED void KERNEL(prefetchRun)(const REAL *p, const SliceGradRows *rows, intptr_t i, intptr_t d) {
  enum { line = 64 / (int)sizeof(REAL) };
  const REAL *row = p + rows->rows[i] * d, *state = KERNEL(state)(rows, i, d, 0);
  for (intptr_t j = 0; j < d; j += line) __builtin_prefetch(row + j, 1);
  for (intptr_t j = 0; j < rows->width; j += line) __builtin_prefetch(state + j, 1);
}

/// The gradient with that of an L2 penalty: g + weightDecay p, each rounded on its own.
INLINED REAL KERNEL(decayed)(REAL g, REAL weightDecay, REAL p) {
  const REAL decay = weightDecay * p;
  return g + decay;
}

#endif
