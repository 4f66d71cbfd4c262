/// Random numbers that are the same on every platform: integer arithmetic, +, −, ×, ÷ and √ only, never contracted to
/// fused operations, and no function of the C library, whose last digits differ between systems.
#include "random_numbers.h"

#include "kernel_template.h"
#ifdef REAL
#pragma clang fp contract(off)

void KERNEL(uniform)(uint64_t state, REAL low, REAL high, OUT out, intptr_t n) {
  const REAL width = high - low;
  for (intptr_t i = 0; i < n; i++) {
    const REAL scaled = width * SLICEGRAD_NAME(unit, REAL)(random_bits(state, (uint64_t)i));
    const REAL value = low + scaled;
    out[i] = value < high ? value : low;  // rounding may reach `high`
  }
}

/// log x for 0 < x ≤ 1: x = m 2ᵉ with m in [√½, √2), and log m = 2 artanh z = 2 (z + z³/3 + z⁵/5 + …) with
/// z = (m − 1) / (m + 1).
static double KERNEL(portableLog)(double x) {
  int exponent;
  double m = frexp(x, &exponent);
  if (m < 0.70710678118654752440) m *= 2, exponent--;
  const double z = (m - 1) / (m + 1), zz = z * z;
  double series = 0;
  for (int k = 23; k >= 1; k -= 2) series = series * zz + 1.0 / k;
  return exponent * 0.69314718055994530942 + 2 * z * series;
}

/// Marsaglia's polar method: a point of the unit disc gives two normal numbers. Each pair draws its own sequence, so
/// that it doesn't depend on how often others were rejected.
void KERNEL(normal)(uint64_t state, REAL mean, REAL standardDeviation, OUT out, intptr_t n) {
  for (intptr_t i = 0; i < n; i += 2) {
    uint64_t sequence = random_bits(state, (uint64_t)i / 2);
    double u, v, s;
    uint64_t draw = 0;
    do {
      u = 2 * slicegrad_unit_double(random_bits(sequence, draw++)) - 1;
      v = 2 * slicegrad_unit_double(random_bits(sequence, draw++)) - 1;
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    const double radius = sqrt(-2 * KERNEL(portableLog)(s) / s);
    const double first = u * radius, second = v * radius;
    out[i] = (REAL)((double)mean + (double)standardDeviation * first);
    if (i + 1 < n) out[i + 1] = (REAL)((double)mean + (double)standardDeviation * second);
  }
}

#endif
