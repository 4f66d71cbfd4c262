/// The updates of parameters. Each rule is one function over n numbers, which knows neither tables nor threads: `RULE`
/// makes of it the kernel that goes through a whole buffer or through rows. Adam has a file of its own.
///
/// p are the parameters, g their gradient, `step` the coefficients of this update.
#include "kernel_template.h"
#ifdef REAL
#include "vectors.h"
#include "row_state.h"

/// Calls a rule's function for the part of a buffer that begins at i, or for one row i after another. `coefficients`
/// and the arguments after it, the state that the function takes, are expressions of i.
#define FOR_EACH_RUN(run, coefficients, ...)                                       \
  if (rows.rows) {                                                                 \
    for (intptr_t i = rows.first; i < rows.end; i++)                               \
      KERNEL(run)(p + rows.rows[i] * d, __VA_ARGS__, g + i * d, coefficients, d);  \
  } else {                                                                         \
    const intptr_t i = rows.first;                                                 \
    KERNEL(run)(p + i, __VA_ARGS__, g + i, coefficients, rows.end - i);            \
  }

/// The kernel of a rule, named after it, from its function `nameRun`.
#define RULE(name, Step, ...)                                                             \
  void KERNEL(name)(REAL *p, const REAL *g, SliceGradRows rows, Step step, intptr_t d) {  \
    FOR_EACH_RUN(name##Run, &step, __VA_ARGS__)                                           \
  }

// MARK: Stochastic gradient descent

/// g := g + weightDecay p;  b := momentum b + gradientGain g;  p := p − rate b, or p − rate (g + momentum b) with
/// Nesterov's momentum, or p − rate g without b.
INLINED void KERNEL(sgdRun)(REAL *restrict p, REAL *restrict b, const REAL *restrict g, const SliceGradSGD *step,
                            intptr_t n) {
  const REAL rate = (REAL)step->rate, momentum = (REAL)step->momentum, gradientGain = (REAL)step->gradientGain;
  const REAL weightDecay = (REAL)step->weightDecay;
  if (!b) {
    for (intptr_t i = 0; i < n; i++) p[i] -= rate * KERNEL(decayed)(g[i], weightDecay, p[i]);
    return;
  }
  const bool nesterov = step->nesterov;
  for (intptr_t i = 0; i < n; i++) {
    const REAL gradient = KERNEL(decayed)(g[i], weightDecay, p[i]);
    b[i] = momentum * b[i] + gradientGain * gradient;
    p[i] -= rate * (nesterov ? gradient + momentum * b[i] : b[i]);
  }
}

void KERNEL(sgd)(REAL *p, const REAL *g, SliceGradRows rows, SliceGradSGD step, intptr_t d) {
  SliceGradSGD first = step;  // of a row that was never touched: b := g
  first.gradientGain = 1;
  FOR_EACH_RUN(sgdRun, rows.touches && rows.touches[i] == 1 ? &first : &step, STATE(0))
}

// MARK: Adagrad

/// g := g + weightDecay p;  a := a + g²;  p := p − rate g / (√a + ε).
INLINED void KERNEL(adagradRun)(REAL *restrict p, REAL *restrict a, const REAL *restrict g,
                                const SliceGradAdagrad *step, intptr_t n) {
  const REAL rate = (REAL)step->rate, epsilon = (REAL)step->epsilon, weightDecay = (REAL)step->weightDecay;
  for (intptr_t i = 0; i < n; i++) {
    const REAL gradient = KERNEL(decayed)(g[i], weightDecay, p[i]);
    a[i] += gradient * gradient;
    p[i] -= rate * gradient / (__builtin_elementwise_sqrt(a[i]) + epsilon);
  }
}

RULE(adagrad, SliceGradAdagrad, STATE(0))

SUM_OF_TERMS(rowSquares, (const REAL *p, const REAL *g, REAL weightDecay, intptr_t n),
             KERNEL(decayed)(g[j], weightDecay, p[j]) * KERNEL(decayed)(g[j], weightDecay, p[j]))

/// The same with one number a for each row of n numbers, which grows by the mean of g².
INLINED void KERNEL(rowwiseAdagradRun)(REAL *restrict p, REAL *a, const REAL *restrict g,
                                       const SliceGradRowwiseAdagrad *step, intptr_t n) {
  const REAL rate = (REAL)step->rate, epsilon = (REAL)step->epsilon, weightDecay = (REAL)step->weightDecay;
  *a += KERNEL(rowSquares)(p, g, weightDecay, n) / (REAL)n;
  const REAL scale = rate / (__builtin_elementwise_sqrt(*a) + epsilon);
  for (intptr_t i = 0; i < n; i++) p[i] -= scale * KERNEL(decayed)(g[i], weightDecay, p[i]);
}

RULE(rowwiseAdagrad, SliceGradRowwiseAdagrad, STATE(0))

// MARK: Lion

/// p := p − rate (sign(β₁ m + (1 − β₁) g) + weightDecay p);  m := β₂ m + (1 − β₂) g.
INLINED void KERNEL(lionRun)(REAL *restrict p, REAL *restrict m, const REAL *restrict g, const SliceGradLion *step,
                             intptr_t n) {
  const REAL rate = (REAL)step->rate, weightDecay = (REAL)step->weightDecay;
  const REAL beta1 = (REAL)step->beta1, oneMinusBeta1 = (REAL)(1 - step->beta1);
  const REAL beta2 = (REAL)step->beta2, oneMinusBeta2 = (REAL)(1 - step->beta2);
  for (intptr_t i = 0; i < n; i++) {
    const REAL direction = beta1 * m[i] + oneMinusBeta1 * g[i];
    const REAL sign = direction > 0 ? 1 : direction < 0 ? -1 : direction;  // NaN stays NaN
    p[i] -= rate * (sign + weightDecay * p[i]);
    m[i] = beta2 * m[i] + oneMinusBeta2 * g[i];
  }
}

RULE(lion, SliceGradLion, STATE(0))

// MARK: RMSprop

/// g := g + weightDecay p;  v := α v + (1 − α) g²;  direction := g / (√v + ε), with a mean := α mean + (1 − α) g
/// g / (√(v − mean²) + ε);  with a buffer b := momentum b + direction, which takes its place;  p := p − rate direction.
INLINED void KERNEL(rmspropRun)(REAL *restrict p, REAL *restrict v, REAL *restrict mean, REAL *restrict b,
                                const REAL *restrict g, const SliceGradRMSprop *step, intptr_t n) {
  const REAL rate = (REAL)step->rate, alpha = (REAL)step->alpha, oneMinusAlpha = (REAL)(1 - step->alpha);
  const REAL epsilon = (REAL)step->epsilon, momentum = (REAL)step->momentum, weightDecay = (REAL)step->weightDecay;
  for (intptr_t i = 0; i < n; i++) {
    const REAL gradient = KERNEL(decayed)(g[i], weightDecay, p[i]);
    v[i] = alpha * v[i] + oneMinusAlpha * (gradient * gradient);
    REAL variance = v[i];
    if (mean) {
      mean[i] = alpha * mean[i] + oneMinusAlpha * gradient;
      variance -= mean[i] * mean[i];
    }
    REAL direction = gradient / (__builtin_elementwise_sqrt(variance) + epsilon);
    if (b) {
      b[i] = momentum * b[i] + direction;
      direction = b[i];
    }
    p[i] -= rate * direction;
  }
}

RULE(rmsprop, SliceGradRMSprop, STATE(0), STATE(1), STATE(2))

// MARK: Moving averages

INLINED void KERNEL(lerpRun)(REAL *restrict a, const REAL *restrict x, REAL weight, intptr_t n) {
  // From the nearer end: where both are the same number, or the weight is 0 or 1, it is exact.
  if (weight < (REAL)0.5) {
    for (intptr_t i = 0; i < n; i++) a[i] += weight * (x[i] - a[i]);
  } else {
    for (intptr_t i = 0; i < n; i++) a[i] = x[i] - (1 - weight) * (x[i] - a[i]);
  }
}

void KERNEL(lerp)(REAL *a, const REAL *x, REAL weight, intptr_t n) {
  KERNEL(lerpRun)(a, x, weight, n);
}

void KERNEL(lerpRows)(REAL *table, const REAL *x, SliceGradRows rows, const REAL *missed, REAL weight,
                                     intptr_t d) {
  for (intptr_t i = rows.first; i < rows.end; i++) {
    REAL *restrict a = table + rows.rows[i] * d, *restrict last = STATE(0);
    const REAL *restrict value = x + rows.rows[i] * d;
    if (missed[i] != 0) KERNEL(lerpRun)(a, last, missed[i], d);
    KERNEL(lerpRun)(a, value, weight, d);
    for (intptr_t j = 0; j < d; j++) last[j] = value[j];
  }
}

#endif
