/// Compiles the C file that includes this header once for `float` and once for `double`.
///
/// A kernel file is a template in which REAL is the scalar type and KERNEL(name) the function's name:
///
///     #include "for_each_real.h"
///     #ifdef REAL
///     MULTIVERSIONED void KERNEL(scale)(REAL a, const REAL *x, REAL *y, intptr_t n) { … }
///     #endif
///
/// The first inclusion includes the file itself twice more, with REAL defined.
#ifndef REAL

#include "SliceGradKernels.h"
#include "instruction_sets.h"

#define REAL float
#define REAL_IS_FLOAT 1
#include __BASE_FILE__
#undef REAL
#undef REAL_IS_FLOAT

#define REAL double
#define REAL_IS_FLOAT 0
#include __BASE_FILE__
#undef REAL
#undef REAL_IS_FLOAT

#endif
