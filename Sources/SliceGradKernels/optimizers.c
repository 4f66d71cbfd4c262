/// The updates of parameters. A dense rule runs over a whole buffer and its sparse twin over rows with the same
/// function, in which every number is computed alone: SparseAdam with every row touched is Adam, bit for bit.
#include "for_each_real.h"
#include <math.h>
#include <stddef.h>

#ifdef REAL

/// The state of the row rows->rows[i].
INLINED REAL *KERNEL(stateOf)(const SliceGradRows *rows, intptr_t i) {
  const intptr_t slot = rows->slots[i];
  REAL *block = rows->blocks[slot >> rows->slotShift];
  return block + (slot & (((intptr_t)1 << rows->slotShift) - 1)) * rows->width;
}

// MARK: Stochastic gradient descent

INLINED void KERNEL(sgdRun)(REAL *restrict p, REAL *restrict buffer, const REAL *restrict g, const SliceGradSGD *step,
                            intptr_t n) {
  const REAL rate = (REAL)step->rate, momentum = (REAL)step->momentum, keep = (REAL)step->keep;
  const REAL weightDecay = (REAL)step->weightDecay, sign = (REAL)step->sign;
  if (!buffer) {
    for (intptr_t i = 0; i < n; i++) p[i] -= rate * (sign * g[i] + weightDecay * p[i]);
    return;
  }
  const bool nesterov = step->nesterov;
  for (intptr_t i = 0; i < n; i++) {
    const REAL gradient = sign * g[i] + weightDecay * p[i];
    const REAL b = momentum * buffer[i] + keep * gradient;
    buffer[i] = b;
    p[i] -= rate * (nesterov ? gradient + momentum * b : b);
  }
}

MULTIVERSIONED void KERNEL(sgd)(REAL *p, REAL *buffer, const REAL *g, SliceGradSGD step, intptr_t n) {
  KERNEL(sgdRun)(p, buffer, g, &step, n);
}

MULTIVERSIONED void KERNEL(sgdRows)(REAL *table, const REAL *g, SliceGradRows rows, SliceGradSGD first,
                                    SliceGradSGD later, intptr_t d) {
  for (intptr_t i = rows.first; i < rows.end; i++) {
    REAL *buffer = rows.blocks ? KERNEL(stateOf)(&rows, i) : NULL;
    const bool isFirst = rows.blocks && rows.touches[i] == 1;
    KERNEL(sgdRun)(table + rows.rows[i] * d, buffer, g + i * d, isFirst ? &first : &later, d);
  }
}

// MARK: Adam

typedef struct {
  REAL beta1, gain1, beta2, gain2, stepSize, rootScale, epsilon, keep, weightDecay, sign;
} KERNEL(AdamCoefficients);

INLINED KERNEL(AdamCoefficients) KERNEL(adamCoefficients)(const SliceGradAdam *step) {
  return (KERNEL(AdamCoefficients)){
    .beta1 = (REAL)step->beta1, .gain1 = (REAL)step->gain1,
    .beta2 = (REAL)step->beta2, .gain2 = (REAL)step->gain2,
    .stepSize = (REAL)step->stepSize, .rootScale = (REAL)step->rootScale, .epsilon = (REAL)step->epsilon,
    .keep = (REAL)step->keep, .weightDecay = (REAL)step->weightDecay, .sign = (REAL)step->sign,
  };
}

INLINED void KERNEL(adamRun)(REAL *restrict p, REAL *restrict m, REAL *restrict v, REAL *restrict maximum,
                             const REAL *restrict g, KERNEL(AdamCoefficients) c, intptr_t n) {
  for (intptr_t i = 0; i < n; i++) {
    const REAL parameter = c.keep * p[i];
    const REAL gradient = c.sign * g[i] + c.weightDecay * parameter;
    const REAL first = c.beta1 * m[i] + c.gain1 * gradient;
    REAL second = c.beta2 * v[i] + c.gain2 * (gradient * gradient);
    m[i] = first;
    v[i] = second;
    if (maximum) {
      second = maximum[i] > second ? maximum[i] : second;
      maximum[i] = second;
    }
    p[i] = parameter - c.stepSize * first / (__builtin_elementwise_sqrt(second) * c.rootScale + c.epsilon);
  }
}

MULTIVERSIONED void KERNEL(adam)(REAL *p, REAL *m, REAL *v, REAL *maximum, const REAL *g, SliceGradAdam step,
                                 intptr_t n) {
  const KERNEL(AdamCoefficients) c = KERNEL(adamCoefficients)(&step);
  if (maximum) {
    KERNEL(adamRun)(p, m, v, maximum, g, c, n);
  } else {
    KERNEL(adamRun)(p, m, v, NULL, g, c, n);
  }
}

MULTIVERSIONED void KERNEL(adamRows)(REAL *table, const REAL *g, SliceGradRows rows, const SliceGradAdam *steps,
                                     bool isPerRow, intptr_t d) {
  enum { rowsAhead = 8, line = 64 / (int)sizeof(REAL) };
  KERNEL(AdamCoefficients) c = KERNEL(adamCoefficients)(steps);
  for (intptr_t i = rows.first; i < rows.end; i++) {
    if (i + rowsAhead < rows.end) {
      const REAL *row = table + rows.rows[i + rowsAhead] * d, *moments = KERNEL(stateOf)(&rows, i + rowsAhead);
      for (intptr_t j = 0; j < d; j += line) __builtin_prefetch(row + j, 1);
      for (intptr_t j = 0; j < rows.width; j += line) __builtin_prefetch(moments + j, 1);
    }
    REAL *m = KERNEL(stateOf)(&rows, i), *v = m + d;
    if (isPerRow) c = KERNEL(adamCoefficients)(steps + i);
    if (rows.width == 3 * d) {
      KERNEL(adamRun)(table + rows.rows[i] * d, m, v, v + d, g + i * d, c, d);
    } else {
      KERNEL(adamRun)(table + rows.rows[i] * d, m, v, NULL, g + i * d, c, d);
    }
  }
}

// MARK: Adagrad

INLINED void KERNEL(adagradRun)(REAL *restrict p, REAL *restrict a, const REAL *restrict g,
                                const SliceGradAdagrad *step, intptr_t n) {
  const REAL rate = (REAL)step->rate, epsilon = (REAL)step->epsilon;
  const REAL weightDecay = (REAL)step->weightDecay, sign = (REAL)step->sign;
  for (intptr_t i = 0; i < n; i++) {
    const REAL gradient = sign * g[i] + weightDecay * p[i];
    a[i] += gradient * gradient;
    p[i] -= rate * gradient / (__builtin_elementwise_sqrt(a[i]) + epsilon);
  }
}

MULTIVERSIONED void KERNEL(adagrad)(REAL *p, REAL *a, const REAL *g, SliceGradAdagrad step, intptr_t n) {
  KERNEL(adagradRun)(p, a, g, &step, n);
}

MULTIVERSIONED void KERNEL(adagradRows)(REAL *table, const REAL *g, SliceGradRows rows, SliceGradAdagrad step,
                                        intptr_t d) {
  for (intptr_t i = rows.first; i < rows.end; i++)
    KERNEL(adagradRun)(table + rows.rows[i] * d, KERNEL(stateOf)(&rows, i), g + i * d, &step, d);
}

MULTIVERSIONED void KERNEL(rowwiseAdagradRows)(REAL *table, const REAL *g, SliceGradRows rows, SliceGradAdagrad step,
                                               intptr_t d) {
#pragma clang fp reassociate(on)
  const REAL rate = (REAL)step.rate, epsilon = (REAL)step.epsilon;
  const REAL weightDecay = (REAL)step.weightDecay, sign = (REAL)step.sign;
  for (intptr_t i = rows.first; i < rows.end; i++) {
    REAL *restrict p = table + rows.rows[i] * d, *a = KERNEL(stateOf)(&rows, i);
    const REAL *restrict slope = g + i * d;
    REAL squares = 0;
    for (intptr_t j = 0; j < d; j++) {
      const REAL gradient = sign * slope[j] + weightDecay * p[j];
      squares += gradient * gradient;
    }
    *a += squares / (REAL)d;
    const REAL scale = rate / (__builtin_elementwise_sqrt(*a) + epsilon);
    for (intptr_t j = 0; j < d; j++) p[j] -= scale * (sign * slope[j] + weightDecay * p[j]);
  }
}

// MARK: Lion

INLINED void KERNEL(lionRun)(REAL *restrict p, REAL *restrict m, const REAL *restrict g, const SliceGradLion *step,
                             intptr_t n) {
  const REAL rate = (REAL)step->rate, weightDecay = (REAL)step->weightDecay, sign = (REAL)step->sign;
  const REAL beta1 = (REAL)step->beta1, gain1 = (REAL)(1 - step->beta1);
  const REAL beta2 = (REAL)step->beta2, gain2 = (REAL)(1 - step->beta2);
  for (intptr_t i = 0; i < n; i++) {
    const REAL gradient = sign * g[i], direction = beta1 * m[i] + gain1 * gradient;
    const REAL sense = direction > 0 ? 1 : direction < 0 ? -1 : direction;  // NaN stays NaN
    p[i] -= rate * (sense + weightDecay * p[i]);
    m[i] = beta2 * m[i] + gain2 * gradient;
  }
}

MULTIVERSIONED void KERNEL(lion)(REAL *p, REAL *m, const REAL *g, SliceGradLion step, intptr_t n) {
  KERNEL(lionRun)(p, m, g, &step, n);
}

MULTIVERSIONED void KERNEL(lionRows)(REAL *table, const REAL *g, SliceGradRows rows, SliceGradLion step, intptr_t d) {
  for (intptr_t i = rows.first; i < rows.end; i++)
    KERNEL(lionRun)(table + rows.rows[i] * d, KERNEL(stateOf)(&rows, i), g + i * d, &step, d);
}

// MARK: RMSprop

MULTIVERSIONED void KERNEL(rmsprop)(REAL *p, REAL *v, REAL *mean, REAL *buffer, const REAL *g, SliceGradRMSprop step,
                                    intptr_t n) {
  const REAL rate = (REAL)step.rate, alpha = (REAL)step.alpha, gain = (REAL)(1 - step.alpha);
  const REAL epsilon = (REAL)step.epsilon, momentum = (REAL)step.momentum;
  const REAL weightDecay = (REAL)step.weightDecay, sign = (REAL)step.sign;
  for (intptr_t i = 0; i < n; i++) {
    const REAL gradient = sign * g[i] + weightDecay * p[i];
    v[i] = alpha * v[i] + gain * (gradient * gradient);
    REAL variance = v[i];
    if (mean) {
      mean[i] = alpha * mean[i] + gain * gradient;
      variance -= mean[i] * mean[i];
    }
    REAL direction = gradient / (__builtin_elementwise_sqrt(variance) + epsilon);
    if (buffer) {
      buffer[i] = momentum * buffer[i] + direction;
      direction = buffer[i];
    }
    p[i] -= rate * direction;
  }
}

// MARK: Moving averages

INLINED void KERNEL(approachRun)(REAL *restrict a, const REAL *restrict x, REAL weight, intptr_t n) {
  // From the nearer end: where both are the same number, or the weight is 0 or 1, it is exact.
  if (weight < (REAL)0.5) {
    for (intptr_t i = 0; i < n; i++) a[i] += weight * (x[i] - a[i]);
  } else {
    for (intptr_t i = 0; i < n; i++) a[i] = x[i] - (1 - weight) * (x[i] - a[i]);
  }
}

MULTIVERSIONED void KERNEL(approach)(REAL *a, const REAL *x, REAL weight, intptr_t n) {
  KERNEL(approachRun)(a, x, weight, n);
}

MULTIVERSIONED void KERNEL(approachRows)(REAL *table, const REAL *x, SliceGradRows rows, const REAL *missed, REAL weight,
                                         intptr_t d) {
  for (intptr_t i = rows.first; i < rows.end; i++) {
    REAL *restrict a = table + rows.rows[i] * d, *restrict last = KERNEL(stateOf)(&rows, i);
    const REAL *restrict value = x + rows.rows[i] * d;
    if (missed[i] != 0) KERNEL(approachRun)(a, last, missed[i], d);
    KERNEL(approachRun)(a, value, weight, d);
    for (intptr_t j = 0; j < d; j++) last[j] = value[j];
  }
}

#else

double slicegrad_bias_correction(double beta, intptr_t t) { return -expm1((double)t * log(beta)); }

#endif
