/// Functions of one element at a time, each with its gradient beside it.
#include "random_numbers.h"

#include "kernel_template.h"
#ifdef REAL
#include "elementary_functions.h"

// MARK: y = f(x), and g f′(x) in terms of x or y

// A gradient of step 0 is one number for all elements.
#define EACH_GRADIENT(...)                                                              \
  if (step == 0) {                                                                      \
    const REAL g = *gradient;                                                           \
    for (intptr_t i = first; i < end; i++) { __VA_ARGS__ }                              \
  } else {                                                                              \
    for (intptr_t i = first; i < end; i++) { const REAL g = gradient[i]; __VA_ARGS__ }  \
  }

#define FUNCTION(name, parameter, value, saved, derivative)                                     \
  void KERNEL(name)(IN input, parameter OUT output, RANGE) {                                    \
    for (intptr_t i = first; i < end; i++) { const REAL x = input[i]; output[i] = value; }      \
  }                                                                                             \
  void KERNEL(name##Gradient)(IN kept, parameter IN gradient, intptr_t step, OUT out, RANGE) {  \
    EACH_GRADIENT(const REAL saved = kept[i]; out[i] = derivative;)                             \
  }
#define PARAMETER REAL p,
#define UNARY(name, value, saved, derivative) FUNCTION(name, , value, saved, derivative)
#define UNARY_WITH_PARAMETER(name, value, derivative) FUNCTION(name, PARAMETER, value, x, derivative)

INLINED REAL KERNEL(normalDistribution)(REAL x) { return (REAL)0.5 * (1 + real_erf(x * (REAL)M_SQRT1_2)); }
INLINED REAL KERNEL(normalDensity)(REAL x) { return (REAL)0.39894228040143267794 * real_exp((REAL)-0.5 * x * x); }

// gelu's approximation: x (1 + tanh(u)) / 2 with u = √(2/π) (x + 0.044715 x³). Beyond ±100, where tanh(u) is ±1 to the
// last digit, x is taken as ±100, lest x³ overflow.
INLINED REAL KERNEL(geluBounded)(REAL x) { return x < -100 ? -100 : x > 100 ? 100 : x; }
INLINED REAL KERNEL(geluTangent)(REAL argument) {
  const REAL x = KERNEL(geluBounded)(argument);
  return real_tanh((REAL)0.79788456080286535588 * (x + (REAL)0.044715 * x * x * x));
}
INLINED REAL KERNEL(geluTanhDerivative)(REAL x) {
  const REAL t = KERNEL(geluTangent)(x);
  const REAL bounded = KERNEL(geluBounded)(x);
  const REAL slope = (REAL)0.79788456080286535588 * (1 + 3 * (REAL)0.044715 * bounded * bounded);
  return (REAL)0.5 * (1 + t) + (REAL)0.5 * x * (1 - t * t) * slope;
}
INLINED REAL KERNEL(siluDerivative)(REAL x) {
  const REAL s = real_sigmoid(x);
  return s * (1 + x * (1 - s));
}

UNARY(exp, real_exp(x), y, g *y)
UNARY(log, real_log(x), x, g / x)
UNARY(sqrt, __builtin_elementwise_sqrt(x), y, (REAL)0.5 * g / y)
UNARY(square, x *x, x, 2 * x * g)
UNARY(abs, __builtin_elementwise_abs(x), x, x > 0 ? g : x < 0 ? -g : 0)
UNARY(sin, __builtin_elementwise_sin(x), x, g *__builtin_elementwise_cos(x))
UNARY(cos, __builtin_elementwise_cos(x), x, -g *__builtin_elementwise_sin(x))
UNARY(relu, x < 0 ? 0 : x, y, y <= 0 ? 0 : g)
UNARY(tanh, real_tanh(x), y, g * (1 - y * y))
UNARY(sigmoid, real_sigmoid(x), y, g *y * (1 - y))
UNARY(silu, x *real_sigmoid(x), x, g *KERNEL(siluDerivative)(x))
UNARY(softplus, real_softplus(x), x, g *real_sigmoid(x))
UNARY(gelu, x *KERNEL(normalDistribution)(x), x, g *(KERNEL(normalDistribution)(x) + x * KERNEL(normalDensity)(x)))
UNARY(geluTanh, (REAL)0.5 * x * (1 + KERNEL(geluTangent)(x)), x, g *KERNEL(geluTanhDerivative)(x))

// MARK: y = f(x; p), and g f′(x; p)

UNARY_WITH_PARAMETER(leakyRelu, x < 0 ? p * x : x, x > 0 ? g : p * g)
UNARY_WITH_PARAMETER(power, __builtin_elementwise_pow(x, p), p == 0 ? 0 : g * p * __builtin_elementwise_pow(x, p - 1))

// MARK: Plain arithmetic

void KERNEL(fill)(REAL value, OUT y, RANGE) {
  for (intptr_t i = first; i < end; i++) y[i] = value;
}

void KERNEL(affine)(REAL a, IN x, REAL b, OUT y, RANGE) {
  for (intptr_t i = first; i < end; i++) y[i] = a * x[i] + b;
}

void KERNEL(clamp)(REAL a, IN x, REAL b, OUT y, RANGE) {
  for (intptr_t i = first; i < end; i++) y[i] = x[i] < a ? a : x[i] > b ? b : x[i];
}

void KERNEL(addScaled)(REAL a, IN x, intptr_t step, OUT y, RANGE) {
  if (step == 0) {
    const REAL number = *x;
    for (intptr_t i = first; i < end; i++) y[i] += a * number;
  } else {
    for (intptr_t i = first; i < end; i++) y[i] += a * x[i];
  }
}

void KERNEL(addToRows)(IN x, OUT y, intptr_t n, RANGE) {
  for (intptr_t i = first; i < end; i++)
    for (intptr_t j = 0; j < n; j++) y[i * n + j] += x[j];
}

bool KERNEL(isFinite)(IN x, intptr_t n) {
  int isFinite = 1;
  for (intptr_t i = 0; i < n; i++) isFinite &= x[i] - x[i] == 0;  // ∞ − ∞ is NaN
  return isFinite;
}

double KERNEL(dot)(IN x, IN y, intptr_t n) {
  enum { lanes = 16 };  // each sums every 16th product
  double sums[lanes] = {0};
  intptr_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int lane = 0; lane < lanes; lane++) sums[lane] += (double)x[i + lane] * (double)y[i + lane];
  for (int lane = 0; i < n; lane++, i++) sums[lane] += (double)x[i] * (double)y[i];
  for (int half = lanes / 2; half > 0; half /= 2)
    for (int lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
  return sums[0];
}

void KERNEL(dropout)(IN x, uint64_t state, REAL keepProbability, OUT out, RANGE) {
  const REAL scale = 1 / keepProbability;
  for (intptr_t i = first; i < end; i++)
    out[i] = SLICEGRAD_NAME(unit, REAL)(random_bits(state, (uint64_t)i)) < keepProbability ? scale * x[i] : 0;
}

// MARK: Cross-entropy of independent probabilities

void KERNEL(sigmoidCrossEntropy)(IN x, IN t, OUT y, RANGE) {
  for (intptr_t i = first; i < end; i++) {
    const REAL positive = x[i] > 0 ? x[i] : 0, magnitude = x[i] > 0 ? x[i] : -x[i];
    y[i] = positive - x[i] * t[i] + real_softplus(-magnitude);
  }
}

void KERNEL(sigmoidCrossEntropyGradient)(IN x, IN t, IN gradient, intptr_t step, OUT out, RANGE) {
  // σ(x) − t = (1 − t) σ(x) − t σ(−x), without its cancellation where t is nearly σ(x)
  EACH_GRADIENT(out[i] = g * ((1 - t[i]) * real_sigmoid(x[i]) - t[i] * real_sigmoid(-x[i]));)
}

#endif
