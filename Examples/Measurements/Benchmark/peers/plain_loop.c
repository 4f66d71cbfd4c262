/// What memory itself costs: reads and writes the rows that the case sparseAdam touches, in three tables, and computes
/// next to nothing, on one thread. The tables come from malloc, or are in pages of 2 MiB where the system lets programs
/// choose, as SliceGrad's are. One JSON line a case, as the other peers print them.
///
/// usage: plain_loop [--huge-pages]        compile with: cc -O3 -march=native plain_loop.c -lm
#define _GNU_SOURCE  // for MADV_HUGEPAGE
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { columns = 64, index_count = 4096, block_count = 7, huge_page = 2 << 20 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/// The distinct row numbers in the order of their first appearance; returns how many there are.
static int distinct_rows(int table_rows, int is_uniform, int *rows) {
  char *seen = calloc((size_t)table_rows, 1);
  uint64_t state = 42;
  int count = 0;
  for (int i = 0; i < index_count; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const double u = (double)(state >> 40) / (1 << 24);
    int row = is_uniform ? (int)(u * table_rows) : (int)exp(u * log(table_rows + 1.0)) - 1;
    if (row > table_rows - 1) row = table_rows - 1;
    if (!seen[row]) rows[count++] = row;
    seen[row] = 1;
  }
  free(seen);
  return count;
}

static void step(float *restrict a, float *restrict b, float *restrict c, const int *rows, int count) {
  for (int i = 0; i < count; i++) {
    const size_t start = (size_t)rows[i] * columns;
    for (size_t j = start; j < start + columns; j++) {
      b[j] += 0.5f;
      c[j] += 0.25f;
      a[j] += b[j] + c[j];
    }
  }
}

static bool has_huge_pages;

static float *table_of_ones(size_t count) {
  const size_t bytes = count * sizeof(float), pages = (bytes + huge_page - 1) / huge_page;
  void *table = has_huge_pages ? aligned_alloc(huge_page, pages * huge_page) : malloc(bytes);
  if (!table) {
    fprintf(stderr, "there is no memory for a table of %zu bytes\n", bytes);
    exit(1);
  }
#if defined(__linux__)
  if (has_huge_pages) madvise(table, bytes / huge_page * huge_page, MADV_HUGEPAGE);
#endif
  for (size_t i = 0; i < count; i++) ((float *)table)[i] = 1;
  return table;
}

static void measure(int table_rows, int is_uniform) {
  float *tables[3];
  for (int t = 0; t < 3; t++) tables[t] = table_of_ones((size_t)table_rows * columns);
  int rows[index_count];
  const int count = distinct_rows(table_rows, is_uniform, rows), repetitions = 500;
  double times[block_count];
  for (int block = -1; block < block_count; block++) {
    const double start = now();
    for (int i = 0; i < repetitions; i++) step(tables[0], tables[1], tables[2], rows, count);
    if (block >= 0) times[block] = (now() - start) / repetitions * 1e6;
  }
  qsort(times, block_count, sizeof *times, compare);
  printf("{\"case\": \"sparseAdam\", \"rows\": %d, \"columns\": %d, \"indices\": %d, \"distribution\": \"%s\", "
         "\"uniqueRows\": %d, \"peer\": \"plain C loop%s\", \"threads\": 1, \"microseconds\": %.2f, \"fastest\": %.2f}\n",
         table_rows, columns, index_count, is_uniform ? "uniform" : "logUniform", count,
         has_huge_pages ? ", pages of 2 MiB" : "", times[block_count / 2], times[0]);
  fflush(stdout);
  for (int t = 0; t < 3; t++) free(tables[t]);
}

int main(int argc, char **argv) {
  has_huge_pages = argc > 1 && strcmp(argv[1], "--huge-pages") == 0;
  for (int table_rows = 10000; table_rows <= 1000000; table_rows *= 10)
    for (int is_uniform = 1; is_uniform >= 0; is_uniform--) measure(table_rows, is_uniform);
  return 0;
}
