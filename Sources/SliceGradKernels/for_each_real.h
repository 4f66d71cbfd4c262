// Included by kernel_template.h: compiles the kernel file for both scalar types.
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
