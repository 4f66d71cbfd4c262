/// Prefetches a row that is needed soon: rows of a large table are rarely in a cache. Part of a kernel file's template.
enum { KERNEL(rowsAhead) = 8 };

INLINED void KERNEL(prefetchRow)(const REAL *row, intptr_t d) {
  for (intptr_t j = 0; j < d; j += 64 / (intptr_t)sizeof(REAL)) __builtin_prefetch(row + j);
}
