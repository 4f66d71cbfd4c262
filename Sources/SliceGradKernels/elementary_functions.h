/// eˣ, ln x, tanh x, 1 / (1 + e⁻ˣ), ln(1 + eˣ) and erf x for the loops of kernels: a template like the kernels
/// themselves, in which REAL is the scalar type.
///
/// Each is inlined, straight-line arithmetic without branch or table, so that clang vectorises the loops around it.
/// Every argument is valid: infinities give the limits, NaN gives NaN, and zeros, signs and results below the normal
/// range are as exact as the others.
///
/// The errors stated are the largest measured, with and without fused multiplication, in units in the last place of the
/// true result (ulp): over all floats, and over 10⁸ doubles. The polynomials are minimax, found by Remez's exchange in
/// 70 digits with weights that spread the function's relative error evenly.
#ifndef SLICEGRAD_ELEMENTARY_FUNCTIONS
#define SLICEGRAD_ELEMENTARY_FUNCTIONS
#define polynomial KERNEL(polynomial)
#define real_exp KERNEL(real_exp)
#define real_expm1 KERNEL(real_expm1)
#define real_log KERNEL(real_log)
#define real_tanh KERNEL(real_tanh)
#define real_sigmoid KERNEL(real_sigmoid)
#define real_softplus KERNEL(real_softplus)
#define real_erf KERNEL(real_erf)
#endif

/// c₀ + c₁ x + … + c_degree x^degree.
INLINED REAL polynomial(REAL x, int degree, const REAL *c) {
  REAL sum = c[degree];
  for (int i = degree - 1; i >= 0; i--) sum = sum * x + c[i];
  return sum;
}

// MARK: What differs between the two types
// `one` and `rootHalf` are the bits of 1 and √½. x + `shift` rounds x to an integer, which then stands in the sum's low
// bits; (x + shift) − shift is that integer as a number. The older instruction sets can't round otherwise, nor convert
// between doubles and 64-bit integers. ln 2 = ln2High + ln2Low, where ln2High ends in zeros enough for ln2High · k to
// be exact for every exponent k. `expBounds` lie beyond underflow and overflow of eˣ, `tanhBound` and `erfBound` where
// the function rounds to 1.

#if REAL_IS_FLOAT
typedef uint32_t KERNEL(Bits);
enum { KERNEL(fractionBits) = 23, KERNEL(expDegree) = 6, KERNEL(evenDegree) = 4, KERNEL(oddDegree) = 3 };
static const KERNEL(Bits) KERNEL(one) = 0x3F800000, KERNEL(rootHalf) = 0x3F3504F3;
static const REAL KERNEL(smallestNormal) = 0x1p-126f, KERNEL(shift) = 0x1.8p23f, KERNEL(log2E) = 0x1.715476p0f;
static const REAL KERNEL(ln2High) = 0x1.62e4p-1f, KERNEL(ln2Low) = 0x1.7f7d1cp-20f, KERNEL(ln2) = 0x1.62e43p-1f;
static const REAL KERNEL(expBounds)[] = {-110, 100}, KERNEL(tanhBound) = 10, KERNEL(erfBound) = 4;

static const REAL KERNEL(expCoefficients)[] = {1, 1, 0.49999997f, 0.16666543f, 0.0416672f, 0.00836658f, 0.0013882512f};
static const REAL KERNEL(even)[] = {0.12837917f, 0.10277783f, -0.00016039574f, -0.0006328365f, -9.256247e-06f};
static const REAL KERNEL(odd)[] = {0.6366194f, -0.019153064f, 0.0016670269f, 0.00011764113f};

/// The exponent k that stands above the fraction's bits, 23 more for a subnormal number made normal.
INLINED REAL KERNEL(exponent)(uint32_t offset, bool subnormal) {
  return (float)((int32_t)offset >> 23) - (subnormal ? 23 : 0);
}

/// ln(1 + f) = f − f² (½ − f q(f)) for √½ ≤ 1 + f ≤ √2.
INLINED REAL KERNEL(log1pSmall)(REAL f) {
  static const REAL q[] = {
    0.3333333f, -0.2500082f, 0.20001227f, -0.16623357f, 0.14201757f, -0.13160181f, 0.12761582f, -0.07634506f};
  return f - f * f * (0.5f - f * polynomial(f, 7, q));
}
#else
typedef uint64_t KERNEL(Bits);
enum { KERNEL(fractionBits) = 52, KERNEL(expDegree) = 11, KERNEL(evenDegree) = 11, KERNEL(oddDegree) = 11 };
static const KERNEL(Bits) KERNEL(one) = 0x3FF0000000000000, KERNEL(rootHalf) = 0x3FE6A09E667F3BCD;
static const REAL KERNEL(smallestNormal) = 0x1p-1022, KERNEL(shift) = 0x1.8p52, KERNEL(log2E) = 0x1.71547652b82fep0;
static const REAL KERNEL(ln2High) = 0x1.62e42feep-1, KERNEL(ln2Low) = 0x1.a39ef35793c76p-33;
static const REAL KERNEL(ln2) = 0x1.62e42fefa39efp-1;
static const REAL KERNEL(expBounds)[] = {-760, 720}, KERNEL(tanhBound) = 20, KERNEL(erfBound) = 6;

static const REAL KERNEL(expCoefficients)[] = {
  1, 1, 0.5000000000000006, 0.16666666666666588, 0.04166666666657611, 0.008333333333389958, 0.0013888888931794852,
  0.00019841269718343053, 2.4801504979047325e-05, 2.7557407865193672e-06, 2.7626161361205356e-07,
  2.5053776074869294e-08};
static const REAL KERNEL(even)[] = {
  0.12837916709551256, 0.10277260330131548, -0.00020919485391508423, -0.000590132429694359, 6.442047838962042e-05,
  3.169695188286989e-06, -2.037161924901585e-06, -1.1696954353725694e-08, 3.4586776542886516e-08,
  2.360640214729498e-09, 4.3020495630889036e-11, 1.6149883500924422e-13};
static const REAL KERNEL(odd)[] = {
  0.6366197723675909, -0.019128446993095283, 0.0016962076697940997, 2.59044977345473e-05, -2.9575681937091862e-05,
  3.132933702637136e-06, 5.706130796193774e-07, -6.573876740524712e-08, -1.0773909196726668e-08,
  -3.760924394306914e-10, -3.3645743155566845e-12, -3.592478733112146e-15};

/// The same; k becomes a number as the low bits of 2⁵² + 1023 + k.
INLINED REAL KERNEL(exponent)(uint64_t offset, bool subnormal) {
  const uint64_t bits = ((offset + KERNEL(one)) >> 52) + 0x4330000000000000;
  REAL k;
  memcpy(&k, &bits, sizeof k);
  return k - (subnormal ? 0x1p52 + 1023 + 52 : 0x1p52 + 1023);
}

/// The same, where the division is cheaper than the longer polynomial: with s = f / (2 + f), ln(1 + f) = 2 artanh s =
/// f − (½f² − s (½f² + s² q(s²))).
INLINED REAL KERNEL(log1pSmall)(REAL f) {
  static const REAL q[] = {
    0.6666666666666735, 0.399999999994128, 0.2857142874288815, 0.22222198513796304, 0.18183567809858608,
    0.15313951708178183, 0.14797031887822992};
  REAL s = f / (2 + f), s2 = s * s, half_square = 0.5 * f * f;
  return f - (half_square - s * (half_square + s2 * polynomial(s2, 6, q)));
}
#endif

// MARK: Bits

INLINED KERNEL(Bits) KERNEL(bitsOf)(REAL x) { KERNEL(Bits) bits; memcpy(&bits, &x, sizeof x); return bits; }
INLINED REAL KERNEL(ofBits)(KERNEL(Bits) bits) { REAL x; memcpy(&x, &bits, sizeof x); return x; }

/// 2ᵏ for the integer k in the low bits of `bits`, if 2ᵏ is a normal number.
INLINED REAL KERNEL(powerOfTwo)(KERNEL(Bits) bits) {
  return KERNEL(ofBits)((bits << KERNEL(fractionBits)) + KERNEL(one));
}

// MARK: Functions

/// eˣ = 2ᵏ eʳ with x = k ln 2 + r and eʳ = 1 + r + r² q(r) for |r| ≤ ½ ln 2. Error: float 1.22 ulp, double 1.21.
///
/// 2ᵏ is multiplied in two halves, because it can leave the normal numbers before the result does.
INLINED REAL real_exp(REAL x) {
  x = x > KERNEL(expBounds)[1] ? KERNEL(expBounds)[1] : x;
  x = x < KERNEL(expBounds)[0] ? KERNEL(expBounds)[0] : x;
  REAL shifted = x * KERNEL(log2E) + KERNEL(shift), k = shifted - KERNEL(shift);
  REAL r = x - k * KERNEL(ln2High) - k * KERNEL(ln2Low);
  KERNEL(Bits) all = KERNEL(bitsOf)(shifted), half = all >> 1;
  REAL exp_r = polynomial(r, KERNEL(expDegree), KERNEL(expCoefficients));
  return exp_r * KERNEL(powerOfTwo)(half) * KERNEL(powerOfTwo)(all - half);
}

/// e^(x + y) − 1 = 2ᵏ (eʳ − 1) + (2ᵏ − 1) while 2ᵏ is a normal number.
///
/// An exponent in two parts x + y, |y| ≲ |x|, and r = high − low keep exact what rounding x + y and r would lose:
/// eʳ − 1 = high + (r² q(r) − low).
INLINED REAL real_expm1(REAL x, REAL y) {
  REAL shifted = (x + y) * KERNEL(log2E) + KERNEL(shift), k = shifted - KERNEL(shift);
  REAL high = x - k * KERNEL(ln2High), low = k * KERNEL(ln2Low) - y, r = high - low;
  REAL expm1 = high + (r * r * polynomial(r, KERNEL(expDegree) - 2, KERNEL(expCoefficients) + 2) - low);
  REAL power = KERNEL(powerOfTwo)(KERNEL(bitsOf)(shifted));
  return power * expm1 + (power - 1);
}

/// ln x = k ln 2 + ln(1 + f) with x = 2ᵏ (1 + f), √½ ≤ 1 + f < √2. Error: float 0.94 ulp, double 1.24.
///
/// The bits of x less those of √½ are k, then the place of 1 + f above √½. Subnormal numbers are made normal first.
INLINED REAL real_log(REAL x) {
  const KERNEL(Bits) scale = (KERNEL(Bits))1 << KERNEL(fractionBits);
  bool subnormal = x < KERNEL(smallestNormal);
  KERNEL(Bits) offset = KERNEL(bitsOf)(subnormal ? x * (REAL)scale : x) - KERNEL(rootHalf);
  REAL k = KERNEL(exponent)(offset, subnormal);
  REAL f = KERNEL(ofBits)((offset & (scale - 1)) + KERNEL(rootHalf)) - 1;
  REAL result = k * KERNEL(ln2High) + (k * KERNEL(ln2Low) + KERNEL(log1pSmall)(f));
  result = x < INFINITY ? result : x;
  result = x == 0 ? -INFINITY : result;
  return x < 0 ? NAN : result;
}

/// tanh |x| = e / (e + 2) with e = e^(2|x|) − 1. Error: float 1.97 ulp, double 2.03.
///
/// Where e < 1, the equal e/2 − e/2 · tanh |x| halves the share of the quotient's rounding.
INLINED REAL real_tanh(REAL x) {
  REAL a = __builtin_elementwise_abs(x);
  REAL e = real_expm1(2 * (a > KERNEL(tanhBound) ? KERNEL(tanhBound) : a), (REAL)0);
  REAL quotient = e / (e + 2), half = (REAL)0.5 * e;
  return __builtin_elementwise_copysign(e < 1 ? half - half * quotient : quotient, x);
}

/// 1 / (1 + e⁻ˣ) = u / (1 + t) with t = e^−|x| and u = t or 1. Error: float 1.98 ulp, double 1.96.
///
/// Since 1 / (1 + t) = 1 − t / (1 + t), the rounding of 1 + t reaches the result only times t / (1 + t).
INLINED REAL real_sigmoid(REAL x) {
  REAL t = real_exp(-__builtin_elementwise_abs(x)), u = x < 0 ? t : 1;
  return u - u * (t / (1 + t));
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + t) with t = e^−|x|. Error: float 1.92 ulp, double 2.16.
///
/// From 1 + t = √2 on, ln(1 + t) = ln 2 + ln(1 + (t − 1) / 2).
INLINED REAL real_softplus(REAL x) {
  REAL t = real_exp(-__builtin_elementwise_abs(x)), half = (REAL)0.5;
  bool large = t > (REAL)0.41421356;
  return (x > 0 ? x : 0) + (KERNEL(log1pSmall)(large ? half * t - half : t) + (large ? KERNEL(ln2) : 0));
}

/// erf a = 1 − e^−(a + a q(a)) for a = |x|. Error: float 1.64 ulp, double 1.54.
///
/// q approximates −ln(1 − erf a) / a − 1, smooth all the way to the bound on a, where erf rounds to 1. Even and odd
/// powers are summed apart: each sum is a chain of operations that wait for each other, and two run at once.
INLINED REAL real_erf(REAL x) {
  REAL a = __builtin_elementwise_abs(x);
  a = a > KERNEL(erfBound) ? KERNEL(erfBound) : a;
  REAL even = polynomial(a * a, KERNEL(evenDegree), KERNEL(even));
  REAL q = even + a * polynomial(a * a, KERNEL(oddDegree), KERNEL(odd));
  return __builtin_elementwise_copysign(real_expm1(-a, -a * q), x);
}
