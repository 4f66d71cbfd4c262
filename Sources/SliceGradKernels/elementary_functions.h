/// eˣ, ln x, tanh x, 1 / (1 + e⁻ˣ), ln(1 + eˣ) and erf x for the loops of kernels.
///
/// Each is inlined, straight-line arithmetic without branch or table, so that clang vectorises the loops around it.
/// `real_exp(x)` and its siblings choose by the type of x. Every argument is welcome: infinities give the limits, NaN
/// gives NaN, and zeros, signs and results below the normal range are as exact as the others.
///
/// The errors stated are the largest measured, with and without fused multiplication, in units in the last place of the
/// true result (ulp): over all floats, and over 10⁸ doubles. The polynomials are minimax, found by Remez's exchange in
/// 70 digits with weights that spread the function's relative error evenly.
#ifndef SLICEGRAD_ELEMENTARY_FUNCTIONS_H
#define SLICEGRAD_ELEMENTARY_FUNCTIONS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "instruction_sets.h"

#define real_exp(x) _Generic((x), float: exp_float, double: exp_double)(x)
#define real_log(x) _Generic((x), float: log_float, double: log_double)(x)
#define real_tanh(x) _Generic((x), float: tanh_float, double: tanh_double)(x)
#define real_sigmoid(x) _Generic((x), float: sigmoid_float, double: sigmoid_double)(x)
#define real_softplus(x) _Generic((x), float: softplus_float, double: softplus_double)(x)
#define real_erf(x) _Generic((x), float: erf_float, double: erf_double)(x)

// Whatever the including file allows, sums keep their order here: in another, they would lose their small terms.
#pragma float_control(push)
#pragma clang fp reassociate(off)

// MARK: Parts

INLINED uint32_t bits_of_float(float x) { uint32_t bits; memcpy(&bits, &x, sizeof x); return bits; }
INLINED uint64_t bits_of_double(double x) { uint64_t bits; memcpy(&bits, &x, sizeof x); return bits; }
INLINED float float_of_bits(uint32_t bits) { float x; memcpy(&x, &bits, sizeof x); return x; }
INLINED double double_of_bits(uint64_t bits) { double x; memcpy(&x, &bits, sizeof x); return x; }

/// c₀ + c₁ x + … + c_degree x^degree.
INLINED float polynomial_float(float x, int degree, const float *c) {
  float sum = c[degree];
  for (int i = degree - 1; i >= 0; i--) sum = sum * x + c[i];
  return sum;
}
INLINED double polynomial_double(double x, int degree, const double *c) {
  double sum = c[degree];
  for (int i = degree - 1; i >= 0; i--) sum = sum * x + c[i];
  return sum;
}

/// x + shift rounds x to an integer, which then stands in the sum's low bits; (x + shift) − shift is that integer as a
/// number. The older instruction sets can't round otherwise, nor convert between doubles and 64-bit integers.
static const float shift_float = 0x1.8p23f;
static const double shift_double = 0x1.8p52;

/// 2ᵏ for the integer k in the low bits of `bits`, if 2ᵏ is a normal number.
INLINED float power_of_two_float(uint32_t bits) { return float_of_bits((bits << 23) + 0x3F800000); }
INLINED double power_of_two_double(uint64_t bits) { return double_of_bits((bits << 52) + 0x3FF0000000000000); }

/// ln 2 = high + low, where high ends in so many zeros that high · k is exact for every exponent k.
static const float ln2_high_float = 0x1.62e4p-1f, ln2_low_float = 0x1.7f7d1cp-20f, ln2_float = 0x1.62e43p-1f;
static const double ln2_high_double = 0x1.62e42feep-1, ln2_low_double = 0x1.a39ef35793c76p-33,
                    ln2_double = 0x1.62e42fefa39efp-1;
static const float log2_e_float = 0x1.715476p0f;
static const double log2_e_double = 0x1.71547652b82fep0;

// MARK: Exponential

/// eʳ = 1 + r + r² q(r) for |r| ≤ ½ ln 2.
static const float exp_coefficients_float[] = {1, 1, 0.49999997f, 0.16666543f, 0.0416672f, 0.00836658f, 0.0013882512f};
static const double exp_coefficients_double[] = {
  1, 1, 0.5000000000000006, 0.16666666666666588, 0.04166666666657611, 0.008333333333389958, 0.0013888888931794852,
  0.00019841269718343053, 2.4801504979047325e-05, 2.7557407865193672e-06, 2.7626161361205356e-07,
  2.5053776074869294e-08};

/// eˣ = 2ᵏ eʳ with x = k ln 2 + r. Error: float 1.22 ulp, double 1.21.
///
/// The bounds on x lie beyond overflow and underflow. 2ᵏ is multiplied in two halves, because it can leave the normal
/// numbers before the result does.
INLINED float exp_float(float x) {
  x = x > 100 ? 100 : x;
  x = x < -110 ? -110 : x;
  float shifted = x * log2_e_float + shift_float, k = shifted - shift_float;
  float r = x - k * ln2_high_float - k * ln2_low_float;
  uint32_t all = bits_of_float(shifted), half = all >> 1;
  float exp_r = polynomial_float(r, 6, exp_coefficients_float);
  return exp_r * power_of_two_float(half) * power_of_two_float(all - half);
}
INLINED double exp_double(double x) {
  x = x > 720 ? 720 : x;
  x = x < -760 ? -760 : x;
  double shifted = x * log2_e_double + shift_double, k = shifted - shift_double;
  double r = x - k * ln2_high_double - k * ln2_low_double;
  uint64_t all = bits_of_double(shifted), half = all >> 1;
  double exp_r = polynomial_double(r, 11, exp_coefficients_double);
  return exp_r * power_of_two_double(half) * power_of_two_double(all - half);
}

/// e^(x + y) − 1 = 2ᵏ (eʳ − 1) + (2ᵏ − 1) while 2ᵏ is a normal number.
///
/// An exponent in two parts x + y, |y| ≲ |x|, and r = high − low keep exact what rounding x + y and r would lose:
/// eʳ − 1 = high + (r² q(r) − low).
INLINED float expm1_float(float x, float y) {
  float shifted = (x + y) * log2_e_float + shift_float, k = shifted - shift_float;
  float high = x - k * ln2_high_float, low = k * ln2_low_float - y, r = high - low;
  float expm1 = high + (r * r * polynomial_float(r, 4, exp_coefficients_float + 2) - low);
  float power = power_of_two_float(bits_of_float(shifted));
  return power * expm1 + (power - 1);
}
INLINED double expm1_double(double x, double y) {
  double shifted = (x + y) * log2_e_double + shift_double, k = shifted - shift_double;
  double high = x - k * ln2_high_double, low = k * ln2_low_double - y, r = high - low;
  double expm1 = high + (r * r * polynomial_double(r, 9, exp_coefficients_double + 2) - low);
  double power = power_of_two_double(bits_of_double(shifted));
  return power * expm1 + (power - 1);
}

// MARK: Logarithm

/// ln(1 + f) for √½ ≤ 1 + f ≤ √2.
///
/// float: f − f² (½ − f q(f)). double, where the division is cheaper than the longer polynomial: with s = f / (2 + f),
/// ln(1 + f) = 2 artanh s = f − (½f² − s (½f² + s² q(s²))).
INLINED float log1p_small_float(float f) {
  static const float q[] = {
    0.3333333f, -0.2500082f, 0.20001227f, -0.16623357f, 0.14201757f, -0.13160181f, 0.12761582f, -0.07634506f};
  return f - f * f * (0.5f - f * polynomial_float(f, 7, q));
}
INLINED double log1p_small_double(double f) {
  static const double q[] = {
    0.6666666666666735, 0.399999999994128, 0.2857142874288815, 0.22222198513796304, 0.18183567809858608,
    0.15313951708178183, 0.14797031887822992};
  double s = f / (2 + f), s2 = s * s, half_square = 0.5 * f * f;
  return f - (half_square - s * (half_square + s2 * polynomial_double(s2, 6, q)));
}

/// ln x = k ln 2 + ln(1 + f) with x = 2ᵏ (1 + f), √½ ≤ 1 + f < √2. Error: float 0.94 ulp, double 1.24.
///
/// The bits of x less those of √½ are k, then the place of 1 + f above √½. Subnormal numbers are made normal first.
/// The double k becomes a number as the low bits of 2⁵² + 1023 + k.
INLINED float log_float(float x) {
  const uint32_t root_half = 0x3F3504F3;
  bool subnormal = x < 0x1p-126f;
  uint32_t offset = bits_of_float(subnormal ? x * 0x1p23f : x) - root_half;
  float k = (float)((int32_t)offset >> 23) - (subnormal ? 23 : 0);
  float f = float_of_bits((offset & 0x7FFFFF) + root_half) - 1;
  float result = k * ln2_high_float + (k * ln2_low_float + log1p_small_float(f));
  result = x < INFINITY ? result : x;
  result = x == 0 ? -INFINITY : result;
  return x < 0 ? NAN : result;
}
INLINED double log_double(double x) {
  const uint64_t root_half = 0x3FE6A09E667F3BCD, one = 0x3FF0000000000000, two_to_52 = 0x4330000000000000;
  bool subnormal = x < 0x1p-1022;
  uint64_t offset = bits_of_double(subnormal ? x * 0x1p52 : x) - root_half;
  double k = double_of_bits(((offset + one) >> 52) + two_to_52) - (subnormal ? 0x1p52 + 1023 + 52 : 0x1p52 + 1023);
  double f = double_of_bits((offset & 0xFFFFFFFFFFFFF) + root_half) - 1;
  double result = k * ln2_high_double + (k * ln2_low_double + log1p_small_double(f));
  result = x < INFINITY ? result : x;
  result = x == 0 ? -INFINITY : result;
  return x < 0 ? NAN : result;
}

// MARK: Hyperbolic tangent

/// tanh |x| = e / (e + 2) with e = e^(2|x|) − 1. Error: float 1.97 ulp, double 2.03.
///
/// Where e < 1, the equal e/2 − e/2 · tanh |x| halves the share of the quotient's rounding. Beyond the bound on |x|: 1.
INLINED float tanh_float(float x) {
  float a = fabsf(x);
  float e = expm1_float(2 * (a > 10 ? 10 : a), 0);
  float quotient = e / (e + 2), half = 0.5f * e;
  return copysignf(e < 1 ? half - half * quotient : quotient, x);
}
INLINED double tanh_double(double x) {
  double a = fabs(x);
  double e = expm1_double(2 * (a > 20 ? 20 : a), 0);
  double quotient = e / (e + 2), half = 0.5 * e;
  return copysign(e < 1 ? half - half * quotient : quotient, x);
}

// MARK: Logistic sigmoid

/// 1 / (1 + e⁻ˣ) = u / (1 + t) with t = e^−|x| and u = t or 1. Error: float 1.98 ulp, double 1.96.
///
/// Since 1 / (1 + t) = 1 − t / (1 + t), the rounding of 1 + t reaches the result only times t / (1 + t).
INLINED float sigmoid_float(float x) {
  float t = exp_float(-fabsf(x));
  float u = x < 0 ? t : 1;
  return u - u * (t / (1 + t));
}
INLINED double sigmoid_double(double x) {
  double t = exp_double(-fabs(x));
  double u = x < 0 ? t : 1;
  return u - u * (t / (1 + t));
}

// MARK: Softplus

/// ln(1 + eˣ) = max(x, 0) + ln(1 + t) with t = e^−|x|. Error: float 1.92 ulp, double 2.16.
///
/// From 1 + t = √2 on, ln(1 + t) = ln 2 + ln(1 + (t − 1) / 2).
INLINED float softplus_float(float x) {
  float t = exp_float(-fabsf(x));
  bool large = t > 0.41421356f;
  return (x > 0 ? x : 0) + (log1p_small_float(large ? 0.5f * t - 0.5f : t) + (large ? ln2_float : 0));
}
INLINED double softplus_double(double x) {
  double t = exp_double(-fabs(x));
  bool large = t > 0.41421356;
  return (x > 0 ? x : 0) + (log1p_small_double(large ? 0.5 * t - 0.5 : t) + (large ? ln2_double : 0));
}

// MARK: Error function

/// erf a = 1 − e^−(a + a q(a)) for a = |x|. Error: float 1.64 ulp, double 1.54.
///
/// q approximates −ln(1 − erf a) / a − 1, smooth all the way to the bound on a, where erf rounds to 1. Even and odd
/// powers are summed apart: each sum is a chain of operations that wait for each other, and two run at once.
INLINED float erf_float(float x) {
  static const float even[] = {0.12837917f, 0.10277783f, -0.00016039574f, -0.0006328365f, -9.256247e-06f};
  static const float odd[] = {0.6366194f, -0.019153064f, 0.0016670269f, 0.00011764113f};
  float a = fabsf(x);
  a = a > 4 ? 4 : a;
  float q = polynomial_float(a * a, 4, even) + a * polynomial_float(a * a, 3, odd);
  return copysignf(expm1_float(-a, -a * q), x);
}
INLINED double erf_double(double x) {
  static const double even[] = {
    0.12837916709551256, 0.10277260330131548, -0.00020919485391508423, -0.000590132429694359, 6.442047838962042e-05,
    3.169695188286989e-06, -2.037161924901585e-06, -1.1696954353725694e-08, 3.4586776542886516e-08,
    2.360640214729498e-09, 4.3020495630889036e-11, 1.6149883500924422e-13};
  static const double odd[] = {
    0.6366197723675909, -0.019128446993095283, 0.0016962076697940997, 2.59044977345473e-05, -2.9575681937091862e-05,
    3.132933702637136e-06, 5.706130796193774e-07, -6.573876740524712e-08, -1.0773909196726668e-08,
    -3.760924394306914e-10, -3.3645743155566845e-12, -3.592478733112146e-15};
  double a = fabs(x);
  a = a > 6 ? 6 : a;
  double q = polynomial_double(a * a, 11, even) + a * polynomial_double(a * a, 11, odd);
  return copysign(expm1_double(-a, -a * q), x);
}

#pragma float_control(pop)

#endif
