/// Linear-chain conditional random fields: the losses of tags, their gradient by forward–backward, and the best tags.
///
/// The forward scores a of an element are log Σ e^score over all tags of the elements before it, one for each of its
/// own. Less their maximum they stay small, however long the sequence is; the maxima are summed in double. Exponentials
/// are taken less the maximum of each sum, so that scores of any size neither overflow nor vanish together, and −∞
/// forbids a transition. The way back takes them again from the forward scores: nothing of [n, k, k] is kept.
///
/// The matrix of transitions is copied with its rows filled up to whole registers, so that each tag is a lane of one
/// and sums its terms in the order of the tags before it.
#include "kernel_template.h"
#ifdef REAL
#include "elementary_functions.h"
#include "vectors.h"

#define WIDTH ((intptr_t)(REGISTER_BYTES / sizeof(REAL)))
#define EACH_LANE ONE_REGISTER for (intptr_t lane = 0; lane < WIDTH; lane++)

/// k, rounded up to whole registers.
INLINED intptr_t KERNEL(wholeRegisters)(intptr_t k) { return (k + WIDTH - 1) / WIDTH * WIDTH; }

/// Copies transitions [k, k] to rows of `width`, with zeros behind each.
static void KERNEL(widen)(const REAL *transitions, REAL *wide, intptr_t k, intptr_t width) {
  memset(wide, 0, (size_t)(k * width) * sizeof(REAL));
  for (intptr_t i = 0; i < k; i++) memcpy(wide + i * width, transitions + i * k, (size_t)k * sizeof(REAL));
}

/// The terms e[i, j] = e^(a[i] + transitions[i, j] − maxima[j]), written if `terms` isn't NULL, and their sums over i.
INLINED void KERNEL(exponentialSums)(const REAL *restrict a, const REAL *restrict transitions, REAL *restrict maxima,
                                     REAL *restrict sums, REAL *restrict terms, intptr_t k, intptr_t width) {
  for (intptr_t first = 0; first < width; first += WIDTH) {
    REAL maximum[WIDTH], sum[WIDTH];
    EACH_LANE maximum[lane] = -(REAL)INFINITY;
    EACH_LANE sum[lane] = 0;
    for (intptr_t i = 0; i < k; i++) {
      const REAL *row = transitions + i * width + first;
      EACH_LANE {
        const REAL score = a[i] + row[lane];
        maximum[lane] = score > maximum[lane] ? score : maximum[lane];
      }
    }
    EACH_LANE maximum[lane] = maximum[lane] > -(REAL)INFINITY ? maximum[lane] : 0;  // where all are forbidden
    for (intptr_t i = 0; i < k; i++) {
      const REAL *row = transitions + i * width + first;
      REAL term[WIDTH];
      EACH_LANE term[lane] = real_exp(a[i] + row[lane] - maximum[lane]);
      EACH_LANE sum[lane] += term[lane];
      if (terms) EACH_LANE terms[i * width + first + lane] = term[lane];
    }
    EACH_LANE maxima[first + lane] = maximum[lane];
    EACH_LANE sums[first + lane] = sum[lane];
  }
}

/// Subtracts the maximum of scores from them, and returns it.
INLINED REAL KERNEL(subtractMaximum)(REAL *scores, intptr_t k) {
  REAL maximum = scores[0];
  for (intptr_t j = 1; j < k; j++) maximum = scores[j] > maximum ? scores[j] : maximum;
  for (intptr_t j = 0; j < k; j++) scores[j] -= maximum;
  return maximum;
}

/// The score of the tags of one sequence of 1 or more elements.
static double KERNEL(scoreOfTags)(const REAL *emissions, const REAL *transitions, const REAL *starts, const REAL *ends,
                                  const int32_t *tags, intptr_t length, intptr_t k) {
  double score = (double)starts[tags[0]] + (double)ends[tags[length - 1]];
  for (intptr_t t = 0; t < length; t++) {
    score += (double)emissions[t * k + tags[t]];
    if (t > 0) score += (double)transitions[tags[t - 1] * k + tags[t]];
  }
  return score;
}

void KERNEL(chainLosses)(IN emissions, IN transitions, IN starts, IN ends, ROWS splits, const int32_t *tags, OUT losses,
                         OUT forward, intptr_t k, RANGE) {
  const intptr_t width = KERNEL(wholeRegisters)(k), scratch = (k + 2) * width * (intptr_t)sizeof(REAL);
  REAL *wide = slicegrad_allocate(scratch), *maxima = wide + k * width, *sums = maxima + width;
  KERNEL(widen)(transitions, wide, k, width);
  for (intptr_t s = first; s < end; s++) {
    const intptr_t begin = splits[s], length = splits[s + 1] - begin;
    losses[s] = 0;
    if (length == 0) continue;
    const REAL *x = emissions + begin * k;
    REAL *a = forward + begin * k;
    double logSum = 0;
    for (intptr_t t = 0; t < length; t++, x += k, a += k) {
      if (t == 0) {
        for (intptr_t j = 0; j < k; j++) a[j] = starts[j] + x[j];
      } else {
        KERNEL(exponentialSums)(a - k, wide, maxima, sums, NULL, k, width);
        for (intptr_t j = 0; j < width; j++) sums[j] = maxima[j] + real_log(sums[j]);
        for (intptr_t j = 0; j < k; j++) a[j] = x[j] + sums[j];
      }
      if (t == length - 1)
        for (intptr_t j = 0; j < k; j++) a[j] += ends[j];
      logSum += (double)KERNEL(subtractMaximum)(a, k);
    }
    REAL sum = 0;
    for (intptr_t j = 0; j < k; j++) sum += real_exp(a[j - k]);
    logSum += (double)real_log(sum);
    if (tags) {
      logSum -= KERNEL(scoreOfTags)(emissions + begin * k, transitions, starts, ends, tags + begin, length, k);
    }
    losses[s] = (REAL)logSum;
  }
  slicegrad_release(wide, scratch);
}

/// Divides numbers by their sum.
INLINED void KERNEL(divideBySum)(REAL *x, intptr_t k) {
  REAL sum = 0;
  for (intptr_t j = 0; j < k; j++) sum += x[j];
  for (intptr_t j = 0; j < k; j++) x[j] /= sum;
}

/// sums[j] += g p[j], less g at the tag that is there.
INLINED void KERNEL(addSlope)(REAL *sums, const REAL *p, REAL g, const int32_t *tag, intptr_t k) {
  for (intptr_t j = 0; j < k; j++) sums[j] += g * p[j];
  if (tag) sums[*tag] -= g;
}

void KERNEL(chainGradient)(IN transitions, ROWS splits, const int32_t *tags, IN forward, IN g, intptr_t step,
                           OUT emissionSlopes, OUT sums, intptr_t k, RANGE) {
  const intptr_t width = KERNEL(wholeRegisters)(k), scratch = (3 * k + 4) * width * (intptr_t)sizeof(REAL);
  REAL *wide = slicegrad_allocate(scratch), *terms = wide + k * width, *slopes = terms + k * width;
  REAL *maxima = slopes + k * width, *columnSums = maxima + width, *p = columnSums + width, *ratios = p + width;
  REAL *starts = sums + k * k, *ends = starts + k;
  KERNEL(widen)(transitions, wide, k, width);
  memset(slopes, 0, (size_t)(k * width) * sizeof(REAL));
  memset(p, 0, (size_t)width * sizeof(REAL));
  memset(starts, 0, (size_t)(2 * k) * sizeof(REAL));
  for (intptr_t s = first; s < end; s++) {
    const intptr_t begin = splits[s], last = splits[s + 1] - 1;
    const REAL slope = g[s * step];
    for (intptr_t t = last; t >= begin; t--) {
      const int32_t *tag = tags ? tags + t : NULL;
      const REAL *a = forward + t * k;
      // p becomes the probability of each tag here: at the end by the forward scores alone, then from those after it,
      // times the probability of this tag given the next one, term / sum.
      if (t == last) {
        for (intptr_t j = 0; j < k; j++) p[j] = real_exp(a[j]);
      } else {
        KERNEL(exponentialSums)(a, wide, maxima, columnSums, terms, k, width);
        for (intptr_t j = 0; j < width; j++) ratios[j] = columnSums[j] == 0 ? 0 : p[j] / columnSums[j];
        for (intptr_t i = 0; i < k; i++) p[i] = KERNEL(rowDot)(terms + i * width, ratios, width);
        for (intptr_t j = 0; j < width; j++) ratios[j] *= slope;
        for (intptr_t i = 0; i < k; i++)
          for (intptr_t j = 0; j < width; j++) slopes[i * width + j] += terms[i * width + j] * ratios[j];
        if (tag) slopes[tag[0] * width + tag[1]] -= slope;
      }
      KERNEL(divideBySum)(p, k);  // so that rounding doesn't add up along the sequence
      REAL *out = emissionSlopes + t * k;
      memset(out, 0, (size_t)k * sizeof(REAL));
      KERNEL(addSlope)(out, p, slope, tag, k);
      if (t == last) KERNEL(addSlope)(ends, p, slope, tag, k);
      if (t == begin) KERNEL(addSlope)(starts, p, slope, tag, k);
    }
  }
  for (intptr_t i = 0; i < k; i++) memcpy(sums + i * k, slopes + i * width, (size_t)k * sizeof(REAL));
  slicegrad_release(wide, scratch);
}

// MARK: The best tags

void KERNEL(chainBest)(IN emissions, IN transitions, IN starts, IN ends, ROWS splits, int32_t *tags, OUT scores,
                       intptr_t k, RANGE) {
  const intptr_t width = KERNEL(wholeRegisters)(k), scratch = (k + 2) * width * (intptr_t)sizeof(REAL);
  REAL *wide = slicegrad_allocate(scratch), *a = wide + k * width, *best = a + width;
  KERNEL(widen)(transitions, wide, k, width);
  // For each element of a sequence and each tag the tag before it.
  intptr_t longest = 0;
  for (intptr_t s = first; s < end; s++) {
    const intptr_t length = splits[s + 1] - splits[s];
    if (length > longest) longest = length;
  }
  const intptr_t before_bytes = longest * width * (intptr_t)sizeof(int32_t);
  int32_t *all_before = slicegrad_allocate(before_bytes);
  for (intptr_t s = first; s < end; s++) {
    const intptr_t begin = splits[s], length = splits[s + 1] - begin;
    double score = 0;
    for (intptr_t t = 0; t < length; t++) {
      const REAL *x = emissions + (begin + t) * k;
      int32_t *before = all_before + t * width;
      for (intptr_t j = 0; j < width; j++) best[j] = t > 0 ? a[0] + wide[j] : j < k ? starts[j] : 0;
      memset(before, 0, (size_t)width * sizeof(int32_t));
      for (intptr_t i = 1; i < k && t > 0; i++) {
        for (intptr_t j = 0; j < width; j++) {
          const REAL candidate = a[i] + wide[i * width + j];
          before[j] = candidate > best[j] ? (int32_t)i : before[j];
          best[j] = candidate > best[j] ? candidate : best[j];
        }
      }
      for (intptr_t j = 0; j < k; j++) a[j] = x[j] + best[j] + (t == length - 1 ? ends[j] : 0);
      score += (double)KERNEL(subtractMaximum)(a, k);
    }
    scores[s] = (REAL)score;
    int32_t tag = 0;
    for (intptr_t j = 1; j < k && length > 0; j++) tag = a[j] > a[tag] ? (int32_t)j : tag;
    for (intptr_t t = length - 1; t >= 0; t--) {
      tags[begin + t] = tag;
      tag = all_before[t * width + tag];
    }
  }
  slicegrad_release(all_before, before_bytes);
  slicegrad_release(wide, scratch);
}

#endif
