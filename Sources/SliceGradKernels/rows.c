/// Rows of a table: look-ups, bags of them, and the merging of their gradients. Each row's contributions are summed in
/// the order of their positions.
#include "kernel_template.h"
#ifdef REAL
#include "prefetch.h"
#include "vectors.h"

// MARK: Look-ups

void KERNEL(gather)(IN table, ROWS indices, REAL *restrict out, intptr_t d, RANGE) {
  for (intptr_t i = first; i < end; i++) {
    if (i + KERNEL(rowsAhead) < end) KERNEL(prefetchRow)(table + indices[i + KERNEL(rowsAhead)] * d, d);
    const REAL *row = table + indices[i] * d;
#pragma clang loop vectorize(enable) // inline: rows are too short for calls of memcpy
    for (intptr_t j = 0; j < d; j++) out[i * d + j] = row[j];
  }
}

/// The columns from j on, which fill `vectors` vectors, of the sum of the rows at the positions from ..< end: they stay
/// in registers. Whoever begins with column 0 prefetches the rows until `last`.
INLINED void KERNEL(bagColumns)(const REAL *table, const int32_t *indices, const REAL *weights, REAL *sum,
                                intptr_t from, intptr_t end, intptr_t last, intptr_t j, intptr_t d, int vectors) {
  Vector sums[4];
  UNROLLED for (int v = 0; v < vectors; v++) sums[v] = (Vector){0};
  for (intptr_t i = from; i < end; i++) {
    if (j == 0 && i + KERNEL(rowsAhead) < last) KERNEL(prefetchRow)(table + indices[i + KERNEL(rowsAhead)] * d, d);
    const REAL *row = table + indices[i] * d + j;
    const REAL weight = weights ? weights[i] : 1;
    UNROLLED for (int v = 0; v < vectors; v++) sums[v] += weight * *(const Vector *)(row + v * LANES);
  }
  UNROLLED for (int v = 0; v < vectors; v++) *(Vector *)(sum + j + v * LANES) = sums[v];
}

/// The columns from j on that fill no vector.
INLINED void KERNEL(bagRest)(const REAL *table, const int32_t *indices, const REAL *weights, REAL *restrict sum,
                             intptr_t from, intptr_t end, intptr_t last, intptr_t j, intptr_t d) {
  memset(sum + j, 0, (size_t)(d - j) * sizeof(REAL));
  for (intptr_t i = from; i < end; i++) {
    if (j == 0 && i + KERNEL(rowsAhead) < last) KERNEL(prefetchRow)(table + indices[i + KERNEL(rowsAhead)] * d, d);
    const REAL *row = table + indices[i] * d;
    const REAL weight = weights ? weights[i] : 1;
    for (intptr_t k = j; k < d; k++) sum[k] += weight * row[k];
  }
}

void KERNEL(bagSum)(IN table, ROWS indices, ROWS splits, const REAL *weights, OUT out, intptr_t d,
                                   bool isMean, RANGE) {
  for (intptr_t b = first; b < end; b++) {
    REAL *restrict sum = out + b * d;
    const intptr_t from = splits[b], stop = splits[b + 1], last = splits[end];
    intptr_t j = 0;
    for (; j + 4 * LANES <= d; j += 4 * LANES)
      KERNEL(bagColumns)(table, indices, weights, sum, from, stop, last, j, d, 4);
    if (j + 2 * LANES <= d) KERNEL(bagColumns)(table, indices, weights, sum, from, stop, last, j, d, 2), j += 2 * LANES;
    if (j + LANES <= d) KERNEL(bagColumns)(table, indices, weights, sum, from, stop, last, j, d, 1), j += LANES;
    if (j < d) KERNEL(bagRest)(table, indices, weights, sum, from, stop, last, j, d);
    const intptr_t length = splits[b + 1] - splits[b];
    if (isMean && length > 1)
      for (intptr_t j = 0; j < d; j++) sum[j] /= (REAL)length;
  }
}

/// Takes the row of position i where it is larger, or the first one, or the first NaN.
INLINED void KERNEL(takeLarger)(const REAL *restrict row, REAL *restrict out, int32_t *restrict winners, int32_t i,
                                intptr_t d) {
  for (intptr_t j = 0; j < d; j++) {
    const bool wins = winners[j] < 0 || row[j] > out[j] || (row[j] != row[j] && out[j] == out[j]);
    out[j] = wins ? row[j] : out[j];
    winners[j] = wins ? i : winners[j];
  }
}

void KERNEL(bagMaximum)(IN table, ROWS indices, ROWS splits, OUT out, int32_t *winners, intptr_t d, RANGE) {
  for (intptr_t b = first; b < end; b++) {
    for (intptr_t j = 0; j < d; j++) out[b * d + j] = 0, winners[b * d + j] = -1;
    for (intptr_t i = splits[b]; i < splits[b + 1]; i++)
      KERNEL(takeLarger)(table + indices[i] * d, out + b * d, winners + b * d, (int32_t)i, d);
  }
}

void KERNEL(bagDotProducts)(IN table, ROWS indices, ROWS splits, IN x, OUT out, intptr_t d, RANGE) {
  for (intptr_t b = first; b < end; b++)
    for (intptr_t i = splits[b]; i < splits[b + 1]; i++) {
      if (i + KERNEL(rowsAhead) < splits[end]) KERNEL(prefetchRow)(table + indices[i + KERNEL(rowsAhead)] * d, d);
      out[i] = KERNEL(rowDot)(x + b * d, table + indices[i] * d, d);
    }
}

void KERNEL(divideByBagLength)(IN x, ROWS splits, OUT out, intptr_t d, RANGE) {
  for (intptr_t b = first; b < end; b++) {
    const intptr_t length = splits[b + 1] - splits[b];
    const REAL divisor = length > 1 ? (REAL)length : 1;
    for (intptr_t j = 0; j < d; j++) out[b * d + j] = x[b * d + j] / divisor;
  }
}

// MARK: Merging
// For the rows first ..< end of `uses`. A row's sum stays in registers until the last of its uses is added.

/// The sum over a row's uses from..<end of `count` columns, which fill `vectors` vectors; the first use begins it, or
/// what is there already.
INLINED void KERNEL(mergeColumns)(const REAL *g, const SliceGradUses *uses, const REAL *weights, REAL *sum,
                                  intptr_t from, intptr_t end, int vectors, intptr_t count, intptr_t d) {
  Vector sums[4], row;
  if (uses->accumulates)
    UNROLLED for (int v = 0; v < vectors; v++) KERNEL(load)(&sums[v], sum + v * LANES, count - v * LANES, 0);
  for (intptr_t k = from; k < end; k++) {
    const REAL *source = g + uses->uses[k].bag * d;
    const REAL weight = weights ? weights[uses->uses[k].position] : 1;
    UNROLLED for (int v = 0; v < vectors; v++) {
      KERNEL(load)(&row, source + v * LANES, count - v * LANES, 0);
      sums[v] = k == from && !uses->accumulates ? weight * row : sums[v] + weight * row;
    }
  }
  UNROLLED for (int v = 0; v < vectors; v++) KERNEL(store)(&sums[v], sum + v * LANES, count - v * LANES);
}

void KERNEL(mergeRows)(IN g, SliceGradUses uses, const REAL *weights, OUT out, intptr_t d, RANGE) {
  for (intptr_t r = first; r < end; r++) {
    REAL *sum = out + (uses.isWhole ? uses.rows[r] : r) * d;
    const intptr_t from = uses.starts[r], stop = uses.starts[r + 1];
    if (from == stop) {
      if (!uses.accumulates) memset(sum, 0, (size_t)d * sizeof(REAL));
      continue;
    }
    intptr_t j = 0;
    for (; j + 4 * LANES <= d; j += 4 * LANES)
      KERNEL(mergeColumns)(g + j, &uses, weights, sum + j, from, stop, 4, 4 * LANES, d);
    for (; j + LANES <= d; j += LANES)
      KERNEL(mergeColumns)(g + j, &uses, weights, sum + j, from, stop, 1, LANES, d);
    if (j < d) KERNEL(mergeColumns)(g + j, &uses, weights, sum + j, from, stop, 1, d - j, d);
  }
}

void KERNEL(mergeMaxima)(IN g, SliceGradUses uses, ROWS winners, OUT out, intptr_t d, RANGE) {
  for (intptr_t r = first; r < end; r++) {
    REAL *restrict sum = out + (uses.isWhole ? uses.rows[r] : r) * d;
    if (!uses.accumulates) memset(sum, 0, (size_t)d * sizeof(REAL));
    for (intptr_t k = uses.starts[r]; k < uses.starts[r + 1]; k++) {
      const SliceGradUse use = uses.uses[k];
      const REAL *source = g + use.bag * d;
      const int32_t *winner = winners + use.bag * d;
      for (intptr_t j = 0; j < d; j++) sum[j] = winner[j] == use.position ? sum[j] + source[j] : sum[j];
    }
  }
}

void KERNEL(addRows)(IN g, ROWS rows, REAL weight, OUT out, intptr_t n, intptr_t d) {
  for (intptr_t i = 0; i < n; i++)
    for (intptr_t j = 0; j < d; j++) out[rows[i] * d + j] += weight * g[i * d + j];
}

void KERNEL(addToWinners)(IN g, ROWS winners, OUT out, intptr_t bags, intptr_t d) {
  for (intptr_t b = 0; b < bags; b++)
    for (intptr_t j = 0; j < d; j++)
      if (winners[b * d + j] >= 0) out[winners[b * d + j] * d + j] += g[b * d + j];
}

#else

// MARK: Numbering distinct rows

/// Where a search for a row begins: Knuth's multiplicative hash, 2³² / golden ratio.
static inline uint32_t place_of(int32_t row, int shift) { return (uint32_t)row * 2654435769u >> shift; }

/// The number of a row among the first `next` of `rows`, or `next` if it is new, which it then is there.
static inline uint32_t number_of_row(int32_t row, uint32_t next, int32_t *rows, int32_t *scratch, uint32_t mask,
                                     int shift) {
  // An empty place counts as that of the next number, whose row is this one until it turns out to be known: one
  // comparison ends the search, and whether a row is new decides no branch, which no processor could predict.
  rows[next] = row;
  uint32_t place = place_of(row, shift), number;
  for (;; place = (place + 1) & mask) {
    number = (uint32_t)scratch[place] < next ? (uint32_t)scratch[place] : next;  // −1 is the largest of all
    if (rows[number] == row) break;
  }
  scratch[place] = (int32_t)number;
  return number;
}

enum { ahead = 64 };  // prefetched that early, a place that was in no cache is there in time

/// By how much hashes are shifted to be places in `capacity` numbers.
static int shift_for(intptr_t capacity) {
  const int bits = __builtin_ctzl((unsigned long)capacity);
  return bits < 32 ? 32 - bits : 0;
}

intptr_t slicegrad_number_rows(const int32_t *indices, intptr_t n, intptr_t count, int32_t *rows, int32_t *numbers,
                               int32_t *scratch, intptr_t capacity) {
  const int shift = shift_for(capacity);
  uint32_t next = (uint32_t)count;
  for (intptr_t i = 0; i < n; i++) {
    if (i + ahead < n) __builtin_prefetch(scratch + place_of(indices[i + ahead], shift), 1);
    if (indices[i] < 0) {
      numbers[i] = -1;
      continue;
    }
    const uint32_t number = number_of_row(indices[i], next, rows, scratch, (uint32_t)capacity - 1, shift);
    numbers[i] = (int32_t)number;
    next += number == next;
  }
  return next;
}

intptr_t slicegrad_number_small_rows(const int32_t *indices, intptr_t n, intptr_t count, int32_t *rows,
                                     int32_t *numbers, int32_t *numberOfRow) {
  uint32_t next = (uint32_t)count;
  for (intptr_t i = 0; i < n; i++) {
    if (i + ahead < n && indices[i + ahead] >= 0) __builtin_prefetch(numberOfRow + indices[i + ahead], 1);
    if (indices[i] < 0) {
      numbers[i] = -1;
      continue;
    }
    const uint32_t known = (uint32_t)numberOfRow[indices[i]];  // −1, for a new one, is the largest of all
    const uint32_t number = known < next ? known : next;
    numberOfRow[indices[i]] = numbers[i] = (int32_t)number;
    rows[next] = indices[i];
    next += number == next;
  }
  return next;
}

intptr_t slicegrad_count_rows(int32_t *rows, int32_t *counts, intptr_t n, int32_t *scratch, intptr_t capacity) {
  const int shift = shift_for(capacity);
  uint32_t next = 0;
  for (intptr_t i = 0; i < n; i++) {
    const int32_t count = counts[i];  // All is done in place: next ≤ i, so that what is overwritten was read before.
    const uint32_t number = number_of_row(rows[i], next, rows, scratch, (uint32_t)capacity - 1, shift);
    counts[number] = (number < next ? counts[number] : 0) + count;
    next += number == next;
  }
  return next;
}

// A stable counting sort. What is counted for each row becomes the place of its next use, which at last is where the
// next row's uses start: so the starts need no list of their own.

void slicegrad_count_uses(const int32_t *numbers, intptr_t n, int32_t *starts) {
  int32_t *counts = starts + 1;
  for (intptr_t i = 0; i < n; i++)
    if (numbers[i] >= 0) counts[numbers[i]]++;
}

void slicegrad_start_uses(int32_t *starts, intptr_t rows) {
  int32_t next = 0;
  for (intptr_t r = 1; r <= rows; r++) {
    const int32_t count = starts[r];
    starts[r] = next;
    next += count;
  }
}

void slicegrad_place_uses(const int32_t *numbers, const int32_t *splits, intptr_t bags, SliceGradUse first,
                          int32_t *starts, SliceGradUse *uses) {
  int32_t *next = starts + 1;
  for (intptr_t b = 0; b < bags; b++) {
    const intptr_t from = splits ? splits[b] : b, end = splits ? splits[b + 1] : b + 1;
    for (intptr_t i = from; i < end; i++)
      if (numbers[i] >= 0)
        uses[next[numbers[i]]++] = (SliceGradUse){first.position + (int32_t)i, first.bag + (int32_t)b};
  }
}

// MARK: State of rows

void slicegrad_find_slots(const int32_t *rows, const int32_t *slotOfRow, int32_t *slots, intptr_t first,
                          intptr_t end) {
  for (intptr_t i = first; i < end; i++) slots[i] = slotOfRow[rows[i]];
}

void slicegrad_count_touches(const int32_t *slots, int32_t *touchesOfSlot, int32_t *touches, intptr_t first,
                             intptr_t end) {
  for (intptr_t i = first; i < end; i++) {
    int32_t *count = &touchesOfSlot[slots[i]];
    touches[i] = *count += *count < INT32_MAX;
  }
}

intptr_t slicegrad_take_rows_behind(const int32_t *rows, intptr_t n, const int32_t *slotOfRow, int32_t *lastStepOfSlot,
                                    int32_t now, int32_t *behind, int32_t *slots, int32_t *lastSteps) {
  // In two passes, of which each waits for one list that may not be in a cache, and for no other.
  for (intptr_t i = 0; i < n; i++) slots[i] = slotOfRow ? slotOfRow[rows[i]] : (int32_t)i;
  intptr_t count = 0;
  for (intptr_t i = 0; i < n; i++) {
    const int32_t slot = slots[i];
    if (slot < 0 || lastStepOfSlot[slot] >= now) continue;
    lastSteps[count] = lastStepOfSlot[slot];
    lastStepOfSlot[slot] = now;
    behind[count] = rows[i];
    slots[count++] = slot;
  }
  return count;
}

#endif
