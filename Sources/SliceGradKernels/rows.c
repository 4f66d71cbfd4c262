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

void KERNEL(bagSum)(IN table, ROWS indices, ROWS splits, const REAL *weights, OUT out, intptr_t d,
                                   bool isMean, RANGE) {
  for (intptr_t b = first; b < end; b++) {
    REAL *restrict sum = out + b * d;
    memset(sum, 0, (size_t)d * sizeof(REAL));
    for (intptr_t i = splits[b]; i < splits[b + 1]; i++) {
      if (i + KERNEL(rowsAhead) < splits[end]) KERNEL(prefetchRow)(table + indices[i + KERNEL(rowsAhead)] * d, d);
      const REAL *row = table + indices[i] * d;
      const REAL weight = weights ? weights[i] : 1;
      for (intptr_t j = 0; j < d; j++) sum[j] += weight * row[j];
    }
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
// Each for the slots first ..< end alone. Slots are numbered in the order of their first appearance, so that one which
// appears for the first time is the next one: it is written and the others are added to, unless all accumulate.

INLINED void KERNEL(mergeRow)(REAL *sums, intptr_t slot, intptr_t *next, const REAL *g, REAL weight, intptr_t d) {
  REAL *restrict sum = sums + slot * d;
  if (slot == *next) {
    ++*next;
    for (intptr_t j = 0; j < d; j++) sum[j] = weight * g[j];
  } else {
    for (intptr_t j = 0; j < d; j++) sum[j] += weight * g[j];
  }
}

void KERNEL(mergeRows)(IN g, ROWS slots, const REAL *weights, OUT out, intptr_t n, intptr_t d, RANGE,
                                      bool accumulates) {
  intptr_t next = accumulates ? end : first;
  for (intptr_t i = 0; i < n; i++)
    if (slots[i] >= first && slots[i] < end)
      KERNEL(mergeRow)(out, slots[i], &next, g + i * d, weights ? weights[i] : 1, d);
}

void KERNEL(mergeBags)(IN g, ROWS slots, ROWS splits, const REAL *weights, OUT out, intptr_t bags,
                                      intptr_t d, RANGE, bool accumulates) {
  intptr_t next = accumulates ? end : first;
  for (intptr_t b = 0; b < bags; b++)
    for (intptr_t i = splits[b]; i < splits[b + 1]; i++)
      if (slots[i] >= first && slots[i] < end)
        KERNEL(mergeRow)(out, slots[i], &next, g + b * d, weights ? weights[i] : 1, d);
}

void KERNEL(mergeBagMaxima)(IN g, ROWS slots, ROWS winners, OUT out, intptr_t bags, intptr_t d, intptr_t first,
                            intptr_t end) {
  for (intptr_t b = 0; b < bags; b++, g += d, winners += d)
    for (intptr_t j = 0; j < d; j++) {
      const intptr_t slot = winners[j] < 0 ? -1 : slots[winners[j]];
      if (slot >= first && slot < end) out[slot * d + j] += g[j];
    }
}

#else

// MARK: Numbering distinct rows

intptr_t slicegrad_number_rows(const int32_t *indices, intptr_t n, int32_t *rows, int32_t *slots, int32_t *scratch,
                               intptr_t capacity) {
  const uint32_t mask = (uint32_t)capacity - 1;
  const int bits = __builtin_ctzl((unsigned long)capacity), shift = bits < 32 ? 32 - bits : 0;
  memset(scratch, 0xFF, (size_t)capacity * sizeof(int32_t));  // −1: free
  intptr_t count = 0;
  for (intptr_t i = 0; i < n; i++) {
    const int32_t row = indices[i];
    if (row < 0) {
      slots[i] = -1;
      continue;
    }
    uint32_t place = (uint32_t)row * 2654435769u >> shift;  // Knuth's multiplicative hash: 2³² / golden ratio
    while (scratch[place] >= 0 && rows[scratch[place]] != row) place = (place + 1) & mask;
    if (scratch[place] < 0) {
      rows[count] = row;
      scratch[place] = (int32_t)count++;
    }
    slots[i] = scratch[place];
  }
  return count;
}

// MARK: State of rows

int32_t slicegrad_find_slots(const int32_t *touched, intptr_t n, int32_t *slotOfRow, int32_t count, int32_t *slots) {
  for (intptr_t i = 0; i < n; i++) {
    int32_t *slot = &slotOfRow[touched[i]];
    if (*slot < 0) *slot = count++;
    slots[i] = *slot;
  }
  return count;
}

void slicegrad_count_touches(const int32_t *slots, intptr_t n, int32_t *touchesOfSlot, int32_t *touches) {
  for (intptr_t i = 0; i < n; i++) {
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
