/// The matrix product of matmul.c as other kernels call it. A template like the kernels themselves.
#ifdef REAL

/// A matrix whose rows lie `stride` scalars apart: [rows, columns], or [columns, rows] if it is to be transposed.
typedef struct {
  const REAL *start;
  intptr_t stride;
  bool transposed;
} KERNEL(Matrix);

/// c [rows, columns] = a [rows, depth] · b [depth, columns], or += if it is to accumulate. An element's terms are
/// summed in the order of the depth, in blocks that follow from the depth alone.
void KERNEL(product)(KERNEL(Matrix) a, KERNEL(Matrix) b, REAL *c, intptr_t c_row_stride, intptr_t rows,
                     intptr_t columns, intptr_t depth, bool accumulate);

#endif
