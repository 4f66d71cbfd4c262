/// Scaled dot-product attention between sequences, cut into heads along the columns, and its way back.
///
/// The probabilities are a matrix larger than all others if sequences are long, and nobody asks for it. So a head of a
/// sequence takes some queries at a time against all keys that they see: their scores, probabilities and outputs are
/// done before the next queries begin. For the way back two numbers are kept for each query, from which the
/// probabilities are computed again. After Dao et al., “FlashAttention: Fast and Memory-Efficient Exact Attention with
/// IO-Awareness” (2022), who cut the keys as well: here whole rows of scores fit into a cache.
///
/// For queries q, keys k and values v of a head, P = softmax(q kᵀ / √width) and the gradient g of the outputs o = P v:
///
///     S = P · (g vᵀ − Σⱼ gⱼ oⱼ) / √width,   ∂q = S k,   ∂k = Sᵀ q,   ∂v = Pᵀ g
#ifndef REAL

#include "SliceGradKernels.h"

enum { query_block = 64 };  // queries at a time

/// One head of one sequence: the number of the head, and which rows are its queries, and its keys and values.
typedef struct {
  intptr_t number, first_query, queries, first_key, keys;
} Head;

static inline Head head_of(SliceGradAttention a, intptr_t unit) {
  const intptr_t s = unit / a.heads;
  return (Head){
    .number = unit % a.heads, .first_query = a.querySplits[s], .queries = a.querySplits[s + 1] - a.querySplits[s],
    .first_key = a.keySplits[s], .keys = a.keySplits[s + 1] - a.keySplits[s],
  };
}

static inline intptr_t smaller(intptr_t a, intptr_t b) { return a < b ? a : b; }

/// How many keys a head's first so many queries see: all, or as many as there are queries.
static inline intptr_t keys_seen(SliceGradAttention a, Head head, intptr_t queries) {
  return a.isCausal ? smaller(queries, head.keys) : head.keys;
}

/// The number of scores that a block of queries may have, in the heads first ..< end.
static inline intptr_t most_scores(SliceGradAttention a, RANGE) {
  intptr_t most = 0;
  for (intptr_t unit = first; unit < end; unit++) {
    const Head head = head_of(a, unit);
    const intptr_t scores = smaller(head.queries, query_block) * head.keys;
    if (scores > most) most = scores;
  }
  return most;
}

#endif

#include "kernel_template.h"
#ifdef REAL
#include "elementary_functions.h"
#include "product.h"
#include "vectors.h"

#define ROWS_OF(start, row, stride, width)  \
  (KERNEL(Matrix)) { (start) + (row) * (stride) + head.number * (width), stride, false }
#define TRANSPOSED(matrix) (KERNEL(Matrix)) { (matrix).start, (matrix).stride, true }

/// A head's scale, 1 / √width.
#define SCALE (1 / (REAL)sqrt((double)a.width))

void KERNEL(attention)(SliceGradAttention a, IN queries, IN keys, IN values, OUT outputs, OUT saved, RANGE) {
  const intptr_t stride = a.heads * a.valueWidth, scratch = most_scores(a, first, end) * (intptr_t)sizeof(REAL);
  const REAL scale = SCALE;
  REAL *scores = slicegrad_allocate(scratch);
  for (intptr_t unit = first; unit < end; unit++) {
    const Head head = head_of(a, unit);
    const KERNEL(Matrix) k = ROWS_OF(keys, head.first_key, a.keyStride, a.width);
    const KERNEL(Matrix) v = ROWS_OF(values, head.first_key, a.valueStride, a.valueWidth);
    for (intptr_t begin = 0; begin < head.queries; begin += query_block) {
      const intptr_t rows = smaller(query_block, head.queries - begin), row = head.first_query + begin;
      const intptr_t seen = keys_seen(a, head, begin + rows);
      const KERNEL(Matrix) q = ROWS_OF(queries, row, a.queryStride, a.width);
      REAL *out = outputs + row * stride + head.number * a.valueWidth;
      REAL *kept = saved + (row * a.heads + head.number) * 2;
      KERNEL(product)(q, TRANSPOSED(k), scores, seen, rows, seen, a.width, false);
      for (intptr_t i = 0; i < rows; i++) {
        const intptr_t n = keys_seen(a, head, begin + i + 1);
        REAL *x = scores + i * seen;
        const REAL maximum = KERNEL(rowMaximum)(x, n);
        EACH_COLUMN(x[j] = real_exp((x[j] - maximum) * scale));
        memset(x + n, 0, (size_t)(seen - n) * sizeof(REAL));
        kept[i * a.heads * 2] = maximum;
        kept[i * a.heads * 2 + 1] = n > 0 ? 1 / KERNEL(rowSum)(x, n) : 0;
      }
      KERNEL(product)((KERNEL(Matrix)){scores, seen, false}, v, out, stride, rows, a.valueWidth, seen, false);
      for (intptr_t i = 0; i < rows; i++) {
        const REAL factor = kept[i * a.heads * 2 + 1];
        for (intptr_t j = 0; j < a.valueWidth; j++) out[i * stride + j] *= factor;
      }
    }
  }
  slicegrad_release(scores, scratch);
}

void KERNEL(attentionGradient)(SliceGradAttention a, IN queries, IN keys, IN values, IN outputs, IN saved, IN g,
                               OUT querySlope, OUT keySlope, OUT valueSlope, RANGE) {
  const intptr_t stride = a.heads * a.valueWidth, scores = most_scores(a, first, end);
  const intptr_t scratch = 2 * scores * (intptr_t)sizeof(REAL);
  const REAL scale = SCALE;
  REAL *probabilities = slicegrad_allocate(scratch), *slopes = probabilities + scores;
  for (intptr_t unit = first; unit < end; unit++) {
    const Head head = head_of(a, unit);
    const KERNEL(Matrix) k = ROWS_OF(keys, head.first_key, a.keyStride, a.width);
    const KERNEL(Matrix) v = ROWS_OF(values, head.first_key, a.valueStride, a.valueWidth);
    REAL *key_slope = keySlope + head.first_key * a.keyStride + head.number * a.width;
    REAL *value_slope = valueSlope + head.first_key * a.valueStride + head.number * a.valueWidth;
    for (intptr_t i = 0; i < head.keys; i++) {
      memset(key_slope + i * a.keyStride, 0, (size_t)a.width * sizeof(REAL));
      memset(value_slope + i * a.valueStride, 0, (size_t)a.valueWidth * sizeof(REAL));
    }
    for (intptr_t begin = 0; begin < head.queries; begin += query_block) {
      const intptr_t rows = smaller(query_block, head.queries - begin), row = head.first_query + begin;
      const intptr_t seen = keys_seen(a, head, begin + rows);
      const KERNEL(Matrix) q = ROWS_OF(queries, row, a.queryStride, a.width);
      const KERNEL(Matrix) slope = ROWS_OF(g, row, stride, a.valueWidth);
      const REAL *out = outputs + row * stride + head.number * a.valueWidth;
      const REAL *kept = saved + (row * a.heads + head.number) * 2;
      KERNEL(product)(q, TRANSPOSED(k), probabilities, seen, rows, seen, a.width, false);
      KERNEL(product)(slope, TRANSPOSED(v), slopes, seen, rows, seen, a.valueWidth, false);
      for (intptr_t i = 0; i < rows; i++) {
        const intptr_t n = keys_seen(a, head, begin + i + 1);
        const REAL maximum = kept[i * a.heads * 2], factor = kept[i * a.heads * 2 + 1];
        const REAL dot = KERNEL(rowDot)(slope.start + i * stride, out + i * stride, a.valueWidth);
        REAL *p = probabilities + i * seen, *s = slopes + i * seen;
        EACH_COLUMN({
          p[j] = real_exp((p[j] - maximum) * scale) * factor;
          s[j] = p[j] * (s[j] - dot) * scale;
        });
        memset(p + n, 0, (size_t)(seen - n) * sizeof(REAL));
        memset(s + n, 0, (size_t)(seen - n) * sizeof(REAL));
      }
      const KERNEL(Matrix) p = {probabilities, seen, true}, s = {slopes, seen, false};
      KERNEL(product)(p, slope, value_slope, a.valueStride, seen, a.valueWidth, rows, true);
      KERNEL(product)(s, k, querySlope + (q.start - queries), a.queryStride, rows, a.width, seen, false);
      KERNEL(product)(TRANSPOSED(s), q, key_slope, a.keyStride, seen, a.width, rows, true);
    }
  }
  slicegrad_release(probabilities, scratch);
}

#endif
