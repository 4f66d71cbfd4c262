/// The loops that SliceGrad spends its time in, in C.
///
/// Every kernel exists for `float` and for `double`. `Declarations.h` declares it once and is included twice; Swift
/// sees the two families as the static members of `FloatKernels` and `DoubleKernels`, so that a generic `Scalar`
/// reaches its own family through `Scalar.Kernels`. A new kernel is one declaration there, one function in its C file,
/// and one line of the protocol `ScalarKernels`.
///
/// Conventions: matrices are contiguous and row-major; a shape stands in brackets before each kernel; counts are
/// `intptr_t`, row numbers `int32_t`; buffers that a kernel writes never overlap those that it reads unless its
/// comment says so. Kernels check nothing: their callers have checked shapes and ranges.
#ifndef SLICEGRAD_KERNELS_H
#define SLICEGRAD_KERNELS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct { char unused; } FloatKernels;
typedef struct { char unused; } DoubleKernels;

/// The coefficients of one step of stochastic gradient descent; `sign` is −1 to maximize.
typedef struct {
  double rate, momentum, keep, weightDecay, sign;
  bool nesterov;
} SliceGradSGD;

/// The coefficients of one step of Adam; `sign` is −1 to maximize.
typedef struct {
  double beta1, beta2, stepSize, rootScale, epsilon, keep, weightDecay, sign;
} SliceGradAdam;

/// The coefficients of one step of Adagrad; `sign` is −1 to maximize.
typedef struct {
  double rate, epsilon, weightDecay, sign;
} SliceGradAdagrad;

/// The coefficients of one step of RMSprop; `sign` is −1 to maximize.
typedef struct {
  double rate, alpha, epsilon, weightDecay, momentum, sign;
} SliceGradRMSprop;

/// Some rows of a table, and where their state lies in one block of it: row rows[i] for each i of
/// positions[0 ..< count] (0 ..< count if it is NULL), with its state at (slots[i] & slotMask) · width. touches[i] is the
/// number of updates in which the row had a gradient, this one included. Without state, `slots` and `touches` are NULL.
typedef struct {
  const int32_t *_Nonnull rows;
  const int32_t *_Nullable slots, *_Nullable touches, *_Nullable positions;
  intptr_t count;
  int32_t slotMask;
  intptr_t width;
} SliceGradRows;

/// 1 − βᵗ, without cancellation.
double slicegrad_bias_correction(double beta, intptr_t t) __attribute__((swift_name("biasCorrection(_:_:)")));

/// Numbers the distinct rows among `indices` [n] in the order of their first appearance: slots[i] is the number of
/// indices[i] (−1 for negative indices), rows[slot] the row. Returns how many there are. `rows` has room for n;
/// `scratch` has `capacity` elements, a power of 2 greater than n. O(n), however large the table is: a hash table with
/// linear probing.
intptr_t slicegrad_number_rows(const int32_t *_Nonnull indices, intptr_t n, int32_t *_Nonnull rows,
                               int32_t *_Nonnull slots, int32_t *_Nonnull scratch, intptr_t capacity)
    __attribute__((swift_name("numberRows(_:_:_:_:_:_:)")));

#define REAL float
#define KERNEL(name) slicegrad_##name##_float
#define SWIFT(name) __attribute__((swift_name("FloatKernels." name)))
#include "Declarations.h"
#undef REAL
#undef KERNEL
#undef SWIFT

#define REAL double
#define KERNEL(name) slicegrad_##name##_double
#define SWIFT(name) __attribute__((swift_name("DoubleKernels." name)))
#include "Declarations.h"
#undef REAL
#undef KERNEL
#undef SWIFT

#endif
