/// Adam, for parameters and for rows of tables, and what it does to rows without a gradient. Every number is computed
/// independently, so that SparseAdam with every row touched is Adam, bit for bit.
///
/// p are the parameters, g their gradient, `step` the coefficients of this update.
#include "kernel_template.h"
#ifdef REAL
#include "prefetch.h"
#include "vectors.h"
#include "row_state.h"

/// p := parameterScale p;  g := g + weightDecay p;  m := β₁ m + (1 − β₁) g;  v := β₂ v + (1 − β₂) g²;
/// p := p − stepSize m / (√v · inverseRootCorrection + ε), with AMSGrad the largest v so far in place of v. Where β₁ is
/// 0, m is g, and needs not be kept.
typedef struct {
  REAL beta1, oneMinusBeta1, beta2, oneMinusBeta2, stepSize, inverseRootCorrection, epsilon, parameterScale;
  REAL weightDecay;
} KERNEL(AdamCoefficients);

INLINED KERNEL(AdamCoefficients) KERNEL(adamCoefficients)(const SliceGradAdam *step) {
  return (KERNEL(AdamCoefficients)){
    .beta1 = (REAL)step->beta1, .oneMinusBeta1 = (REAL)step->oneMinusBeta1,
    .beta2 = (REAL)step->beta2, .oneMinusBeta2 = (REAL)step->oneMinusBeta2,
    .stepSize = (REAL)step->stepSize, .inverseRootCorrection = (REAL)step->inverseRootCorrection,
    .epsilon = (REAL)step->epsilon, .parameterScale = (REAL)step->parameterScale,
    .weightDecay = (REAL)step->weightDecay,
  };
}

/// The new m, given the old one; m is NULL if it isn't kept.
INLINED REAL KERNEL(firstMoment)(REAL *m, REAL gradient, KERNEL(AdamCoefficients) c, intptr_t i) {
  if (!m) return gradient;
  return m[i] = c.beta1 * m[i] + c.oneMinusBeta1 * gradient;
}

INLINED void KERNEL(adamLoop)(REAL *restrict p, REAL *restrict m, REAL *restrict v, REAL *restrict maximum,
                              const REAL *restrict g, KERNEL(AdamCoefficients) c, intptr_t n) {
  for (intptr_t i = 0; i < n; i++) {
    const REAL parameter = c.parameterScale * p[i];
    const REAL gradient = KERNEL(decayed)(g[i], c.weightDecay, parameter);
    const REAL first = KERNEL(firstMoment)(m, gradient, c, i);
    REAL second = c.beta2 * v[i] + c.oneMinusBeta2 * (gradient * gradient);
    v[i] = second;
    if (maximum) {
      second = maximum[i] > second ? maximum[i] : second;
      maximum[i] = second;
    }
    p[i] = parameter - c.stepSize * first / (__builtin_elementwise_sqrt(second) * c.inverseRootCorrection + c.epsilon);
  }
}

/// The same with one number v for a row of n numbers, a moving average of the mean of g²; and so with the largest v.
INLINED void KERNEL(adamRow)(REAL *restrict p, REAL *restrict m, REAL *v, REAL *maximum, const REAL *restrict g,
                             KERNEL(AdamCoefficients) c, intptr_t n) {
  REAL second = c.beta2 * *v + c.oneMinusBeta2 * (KERNEL(rowDot)(g, g, n) / (REAL)n);
  *v = second;
  if (maximum) {
    second = *maximum > second ? *maximum : second;
    *maximum = second;
  }
  const REAL rate = c.stepSize / (__builtin_elementwise_sqrt(second) * c.inverseRootCorrection + c.epsilon);
  for (intptr_t i = 0; i < n; i++) {
    p[i] = c.parameterScale * p[i] - rate * KERNEL(firstMoment)(m, g[i], c, i);
  }
}

/// What a row keeps: m [d] or NULL, v and, with AMSGrad, the largest v, else NULL. Both are one number if rows share
/// it.
typedef struct {
  REAL *m, *v, *maximum;
} KERNEL(Moments);

INLINED KERNEL(Moments) KERNEL(moments)(const SliceGradRows *rows, intptr_t i, intptr_t d, bool hasFirst,
                                        bool sharesSecond) {
  REAL *first = KERNEL(state)(rows, i, d, 0), *v = first + (hasFirst ? d : 0), *maximum = v + (sharesSecond ? 1 : d);
  return (KERNEL(Moments)){hasFirst ? first : NULL, v, maximum < first + rows->width ? maximum : NULL};
}

/// A loop for each of what may be kept.
INLINED void KERNEL(adamRun)(REAL *p, KERNEL(Moments) s, const REAL *g, KERNEL(AdamCoefficients) c, bool sharesSecond,
                             intptr_t n) {
  if (sharesSecond && s.m) KERNEL(adamRow)(p, s.m, s.v, s.maximum, g, c, n);
  else if (sharesSecond) KERNEL(adamRow)(p, NULL, s.v, s.maximum, g, c, n);
  else if (s.m && s.maximum) KERNEL(adamLoop)(p, s.m, s.v, s.maximum, g, c, n);
  else if (s.m) KERNEL(adamLoop)(p, s.m, s.v, NULL, g, c, n);
  else if (s.maximum) KERNEL(adamLoop)(p, NULL, s.v, s.maximum, g, c, n);
  else KERNEL(adamLoop)(p, NULL, s.v, NULL, g, c, n);
}

void KERNEL(adam)(REAL *p, const REAL *g, SliceGradRows rows, const SliceGradAdam *steps, bool isPerRow, bool hasFirst,
                  bool sharesSecond, intptr_t d) {
  KERNEL(AdamCoefficients) c = KERNEL(adamCoefficients)(steps);
  if (!rows.rows) {
    const intptr_t i = rows.first;
    const KERNEL(Moments) whole = {STATE(0), STATE(1), STATE(2)};
    return KERNEL(adamRun)(p + i, whole, g + i, c, false, rows.end - i);
  }
  for (intptr_t i = rows.first; i < rows.end; i++) {
    if (i + KERNEL(rowsAhead) < rows.end) KERNEL(prefetchRun)(p, &rows, i + KERNEL(rowsAhead), d);
    if (isPerRow) c = KERNEL(adamCoefficients)(steps + i);
    const KERNEL(Moments) moments = KERNEL(moments)(&rows, i, d, hasFirst, sharesSecond);
    KERNEL(adamRun)(p + rows.rows[i] * d, moments, g + i * d, c, sharesSecond, d);
  }
}

// MARK: Steps of Adam that rows have missed

/// Σ W / (√v + ε q) over the missed steps, from the sums around their mean point. With d = √v + ε centre and
/// u = ε centre / d, which is at most 1, it is (1 / d) Σ_k (−u)ᵏ moments[k]. The sum ends before the last moment, which
/// is even, and so bounds what is left out.
INLINED REAL KERNEL(missedSum)(REAL second, REAL epsilonAtCentre, const REAL *moments) {
  const REAL inverse = 1 / (__builtin_elementwise_sqrt(second) + epsilonAtCentre), u = epsilonAtCentre * inverse;
  REAL sum = moments[slicegrad_moments - 1];
  UNROLLED for (int k = slicegrad_moments - 2; k >= 2; k--) sum = moments[k] - u * sum;
  return (moments[0] + u * u * sum) * inverse;  // moments[1] is 0
}

/// An element whose m is 0 stays, even if its v and ε are 0 too.
INLINED REAL KERNEL(motion)(REAL first, REAL factor) { return first == 0 ? 0 : first * factor; }

/// p := parameterScale p − m Σ …;  m := firstMomentScale m;  v := secondMomentScale v, for a row's n numbers. With
/// AMSGrad, `seconds` are the largest v, which stay.
INLINED void KERNEL(catchUpBySums)(REAL *restrict p, KERNEL(Moments) s, const SliceGradMissed *missed, REAL epsilon,
                                   bool sharesSecond, intptr_t n) {
  const REAL parameterScale = (REAL)missed->parameterScale, firstScale = (REAL)missed->firstMomentScale;
  const REAL secondScale = (REAL)missed->secondMomentScale, centre = epsilon * (REAL)missed->sums.centre;
  REAL moments[slicegrad_moments];
  UNROLLED for (int k = 0; k < slicegrad_moments; k++)
    moments[k] = (REAL)(missed->sumsScale * missed->sums.moments[k]);
  REAL *restrict m = s.m, *restrict v = s.v;
  const REAL *restrict seconds = s.maximum;
  if (sharesSecond) {
    const REAL factor = KERNEL(missedSum)(seconds ? *seconds : *v, centre, moments);
    *v *= secondScale;
    for (intptr_t i = 0; i < n; i++) {
      p[i] = parameterScale * p[i] - KERNEL(motion)(m[i], factor);
      m[i] *= firstScale;
    }
  } else if (seconds) {
    for (intptr_t i = 0; i < n; i++) {
      p[i] = parameterScale * p[i] - KERNEL(motion)(m[i], KERNEL(missedSum)(seconds[i], centre, moments));
      m[i] *= firstScale;
      v[i] *= secondScale;
    }
  } else {
    for (intptr_t i = 0; i < n; i++) {
      p[i] = parameterScale * p[i] - KERNEL(motion)(m[i], KERNEL(missedSum)(v[i], centre, moments));
      m[i] *= firstScale;
      v[i] *= secondScale;
    }
  }
}

/// A step of `adamLoop` without a gradient, to the bit. The numbers v, or the largest, are those of this step already;
/// they are `stride` apart, 0 if the row shares one.
INLINED void KERNEL(replay)(REAL *restrict p, REAL *restrict m, const REAL *restrict seconds, intptr_t stride,
                            KERNEL(AdamCoefficients) c, intptr_t n) {
  for (intptr_t i = 0; i < n; i++) {
    const REAL parameter = c.parameterScale * p[i], first = c.beta1 * m[i], second = seconds[i * stride];
    const REAL way = c.stepSize * first / (__builtin_elementwise_sqrt(second) * c.inverseRootCorrection + c.epsilon);
    m[i] = first;
    p[i] = parameter - (first == 0 ? 0 : way);
  }
}

/// The same one step after another, for as long as anything is left of m.
INLINED void KERNEL(catchUpByReplay)(REAL *restrict p, KERNEL(Moments) s, const SliceGradMissed *missed,
                                     const SliceGradAdam *steps, bool sharesSecond, intptr_t n) {
  const intptr_t seconds = sharesSecond ? 1 : n;
  for (intptr_t step = missed->firstReplayed; step < missed->endReplayed; step++) {
    const KERNEL(AdamCoefficients) c = KERNEL(adamCoefficients)(steps + step);
    for (intptr_t i = 0; i < seconds; i++) s.v[i] *= c.beta2;
    KERNEL(replay)(p, s.m, s.maximum ? s.maximum : s.v, sharesSecond ? 0 : 1, c, n);
  }
  const REAL parameterScale = (REAL)missed->parameterScaleAfter, firstScale = (REAL)missed->firstMomentScaleAfter;
  const REAL secondScale = (REAL)missed->secondMomentScaleAfter;
  for (intptr_t i = 0; i < n; i++) p[i] *= parameterScale, s.m[i] *= firstScale;
  for (intptr_t i = 0; i < seconds; i++) s.v[i] *= secondScale;
}

/// Whether the sums are precise enough for all of a row that moves.
INLINED bool KERNEL(sumsSuffice)(KERNEL(Moments) s, REAL least, bool sharesSecond, intptr_t n) {
  if (least == 0) return true;
  const REAL *seconds = s.maximum ? s.maximum : s.v;
  if (sharesSecond) return *seconds >= least;
  int found = 0;
  for (intptr_t i = 0; i < n; i++) found |= s.m[i] != 0 && !(seconds[i] >= least);
  return !found;
}

void KERNEL(catchUp)(REAL *p, SliceGradRows rows, const SliceGradMissed *missed, const int32_t *kinds,
                     const SliceGradAdam *steps, bool hasFirst, bool sharesSecond, intptr_t d) {
  const intptr_t seconds = sharesSecond ? 1 : d;
  for (intptr_t i = rows.first; i < rows.end; i++) {
    if (i + KERNEL(rowsAhead) < rows.end) KERNEL(prefetchRun)(p, &rows, i + KERNEL(rowsAhead), d);
    const SliceGradMissed *kind = missed + kinds[i];
    REAL *row = p + rows.rows[i] * d;
    const KERNEL(Moments) moments = KERNEL(moments)(&rows, i, d, hasFirst, sharesSecond);
    if (!kind->moves) {
      const REAL parameterScale = (REAL)kind->parameterScale, firstScale = (REAL)kind->firstMomentScale;
      const REAL secondScale = (REAL)kind->secondMomentScale;
      for (intptr_t j = 0; j < d; j++) row[j] *= parameterScale;
      if (firstScale == 1 && secondScale == 1) continue;
      if (hasFirst)
        for (intptr_t j = 0; j < d; j++) moments.m[j] *= firstScale;
      for (intptr_t j = 0; j < seconds; j++) moments.v[j] *= secondScale;
    } else if (KERNEL(sumsSuffice)(moments, (REAL)kind->leastSecondMoment, sharesSecond, d)) {
      KERNEL(catchUpBySums)(row, moments, kind, (REAL)steps->epsilon, sharesSecond, d);
    } else {
      KERNEL(catchUpByReplay)(row, moments, kind, steps, sharesSecond, d);
    }
  }
}

#else

double slicegrad_bias_correction(double beta, intptr_t t) { return -expm1((double)t * log(beta)); }

void slicegrad_sum_missed_steps(const SliceGradAdam *steps, intptr_t n, double ratio, double growth,
                                SliceGradMissedSums *sums) {
  // From the last step back. `powers` are Σ W (q − mean)ᵏ over the steps i ..< n, and `decay` the product of the
  // parameterScale of those after i.
  double mean = 0, decay = 1, powers[slicegrad_moments + 1] = {0};
  for (intptr_t i = n - 1; i >= 0; i--) {
    // Step i joins, as if its j were 0: the mean moves, and with it the centre of the powers, by Horner's scheme.
    const double point = 1 / steps[i].inverseRootCorrection, weight = decay * steps[i].stepSize * point;
    const double total = powers[0] + weight, distance = point - mean;
    const double shift = total > 0 ? distance * (weight / total) : distance;
    for (int first = 0; first < slicegrad_moments; first++)
      for (int k = slicegrad_moments; k > first; k--) powers[k] -= shift * powers[k - 1];
    double power = weight;
    for (int k = 0; k <= slicegrad_moments; k++) {
      powers[k] += power;
      power *= distance - shift;
    }
    powers[1] = 0;
    decay *= steps[i].parameterScale;
    // Then each j grows by 1.
    mean = growth * (mean + shift);
    double scale = ratio, relative = 1;
    for (int k = 0; k <= slicegrad_moments; k++) {
      powers[k] *= scale;
      sums[i].moments[k] = powers[k] * relative;
      scale *= growth;
      relative /= mean;
    }
    sums[i].centre = mean;
  }
}

#endif
