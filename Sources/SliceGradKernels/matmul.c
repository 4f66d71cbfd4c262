/// Matrix product, after Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008), with the
/// register tiles of BLIS (Van Zee & van de Geijn 2015), cut down to what today's caches still ask for.
///
/// The innermost kernel computes one *register tile* of c, [8, 48] floats on AVX-512, as a sum of outer products: at
/// each depth p it loads the tile's row of b as vectors and multiplies it by the tile's column of a, one broadcast
/// scalar for each row. The sums stay in registers, so that 24 vector multiply-adds need only 11 loads. Around it:
///
///     for each block of rows                its part of a, [512, 256], stays in the level 2 cache
///       for each block of the depth         summed in registers, then added to c
///         for each panel of columns         its part of b, [256, 48], stays in the level 1 cache, packed if that pays
///           for each tile of rows           the kernel
///
/// A panel is *packed*, copied to consecutive memory, if b is transposed, if the panel ends inside a vector, and if
/// there are rows enough to pay for it: rows of b a multiple of 4 KiB apart evict each other from the cache. Otherwise
/// the kernel reads b in place. It reads a in place too, since single scalars need not be neighbours, unless a is
/// transposed, large and read for several panels. So a small product costs little but its arithmetic. A single row is a
/// case of its own: a transposed b would be packed, read back once and forgotten.
///
/// Blocks, panels and tiles are as even as possible: 10 rows are cut into 5 + 5 and 64 columns into 32 + 32, because in
/// small leftovers (8 + 2, 48 + 16) too few independent sums would keep the multiply-add units waiting. The terms of an
/// element of c are summed in the order of k, in blocks that follow from k alone: whoever splits a product by rows or
/// columns, between threads or batches, gets the same bits.
#ifndef REAL

#include <stdint.h>

enum {
  most_rows = 8,            // of a register tile
  most_vectors = 3,         // of a register tile, side by side: 8 · 3 sums, 3 of b and 1 of a take 28 of 32 registers
  depth_block = 256,        // a panel of b takes at most 256 · 3 vectors, 48 KiB
  row_block = 512,          // so that each panel of b finds its part of a, 512 KiB of floats, in a cache
  most_in_place = 8192,     // scalars of a transposed a that the level 1 cache holds from panel to panel
  rows_worth_packing = 256, // packing costs as much as 8 rows; without it AVX2 lost 30% where rows lay 4 KiB apart
};

#define Block KERNEL(Block)

/// How many parts of at most `most` make up `total`; nothing is one empty part.
static inline intptr_t part_count(intptr_t total, intptr_t most) {
  return total > most ? (total + most - 1) / most : 1;
}

/// The size of one of `parts` parts when `total` is cut as evenly as possible.
static inline intptr_t part_size(intptr_t part, intptr_t parts, intptr_t total) {
  return total / parts + (part < total % parts);
}

#endif

#include "kernel_template.h"
#ifdef REAL
#include "vectors.h"
#include "product.h"
#include "transposition.h"

/// c [rows, columns] = or += a [rows, depth] · b [depth, columns], each somewhere within a matrix or a packed panel.
typedef struct {
  const REAL *a, *b;
  REAL *c;
  intptr_t a_row_stride, a_depth_stride, b_depth_stride, c_row_stride;
  intptr_t rows, columns, depth;
  bool accumulate, a_is_packed;  // packed: tile after tile, of each [depth, rows of the tile]
} Block;

/// c = or += the first `count` sums.
INLINED void KERNEL(store_sum)(Vector *sum, REAL *c, intptr_t count, bool accumulate) {
  if (accumulate) {
    Vector before;
    KERNEL(load)(&before, c, count, 0);
    *sum += before;
  }
  KERNEL(store)(sum, c, count);
}

/// The kernel: one register tile. `rows` and `vectors` are constants where it is inlined: `sum` becomes registers.
INLINED void KERNEL(matmul_tile)(Block tile, int rows, int vectors) {
  Vector sum[most_rows][most_vectors];
  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int v = 0; v < vectors; v++) sum[i][v] = (Vector){0};

  #pragma clang loop unroll(disable)
  for (intptr_t p = 0; p < tile.depth; p++) {
    Vector b[most_vectors];
    UNROLLED for (int v = 0; v < vectors; v++) b[v] = *(const Vector *)(tile.b + p * tile.b_depth_stride + v * LANES);
    UNROLLED for (int i = 0; i < rows; i++) {
      REAL a = tile.a[i * tile.a_row_stride + p * tile.a_depth_stride];
      UNROLLED for (int v = 0; v < vectors; v++) sum[i][v] += a * b[v];
    }
  }

  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int v = 0; v < vectors; v++)
      KERNEL(store_sum)(
        &sum[i][v], tile.c + i * tile.c_row_stride + v * LANES, tile.columns - v * LANES, tile.accumulate);
}

/// A block of any height, cut into tiles of at most `row_limit` rows. Kernels beyond the limit are not compiled.
INLINED void KERNEL(matmul_panel)(Block panel, int vectors, int row_limit) {
  Block tile = panel;
  for (intptr_t t = 0, tiles = part_count(panel.rows, row_limit); t < tiles; t++) {
    tile.rows = part_size(t, tiles, panel.rows);
    if (panel.a_is_packed) tile.a_depth_stride = tile.rows;
    switch (tile.rows) {
    case 1: KERNEL(matmul_tile)(tile, 1, vectors); break;
    case 2: KERNEL(matmul_tile)(tile, 2, vectors); break;
    case 3: if (row_limit >= 3) KERNEL(matmul_tile)(tile, 3, vectors); break;
    case 4: if (row_limit >= 4) KERNEL(matmul_tile)(tile, 4, vectors); break;
    case 5: if (row_limit >= 5) KERNEL(matmul_tile)(tile, 5, vectors); break;
    case 6: if (row_limit >= 6) KERNEL(matmul_tile)(tile, 6, vectors); break;
    case 7: if (row_limit >= 7) KERNEL(matmul_tile)(tile, 7, vectors); break;
    case 8: if (row_limit >= 8) KERNEL(matmul_tile)(tile, 8, vectors); break;
    }
    tile.a += tile.rows * (panel.a_is_packed ? panel.depth : panel.a_row_stride);
    tile.c += tile.rows * tile.c_row_stride;
  }
}

/// packed = the tiles of a block of a transposed a [depth, rows].
INLINED void KERNEL(pack_tiles)(
  REAL *packed, const REAL *a, intptr_t stride, intptr_t rows, intptr_t depth, int row_limit
) {
  for (intptr_t t = 0, tiles = part_count(rows, row_limit); t < tiles; t++) {
    const intptr_t height = part_size(t, tiles, rows);
    for (intptr_t p = 0; p < depth; p++, packed += height) {
      const REAL *row = a + p * stride;
      if (height == row_limit) memcpy(packed, row, (size_t)row_limit * sizeof(REAL));  // a few moves, not a call
      else if (height == row_limit - 1) memcpy(packed, row, (size_t)(row_limit - 1) * sizeof(REAL));
      else for (intptr_t i = 0; i < height; i++) packed[i] = row[i];
    }
    a += height;
  }
}

/// panel [depth, width] = b [depth, columns] and zeros to its right. `width` is a multiple of LANES.
INLINED void KERNEL(pack)(
  REAL *panel, intptr_t width, const REAL *b, intptr_t stride, intptr_t depth, intptr_t columns
) {
  for (intptr_t p = 0; p < depth; p++)
    for (intptr_t j = 0; j < width; j += LANES) {
      Vector row;
      KERNEL(load)(&row, b + p * stride + j, columns - j, 0);
      *(Vector *)(panel + p * width + j) = row;
    }
}

/// panel [depth, width] = the transpose of b [columns, depth], its last column repeated to the right.
INLINED void KERNEL(pack_transposed)(
  REAL *panel, intptr_t width, const REAL *b, intptr_t stride, intptr_t depth, intptr_t columns
) {
  for (intptr_t j = 0; j < width; j += LANES) {
    const REAL *start[LANES];
    KERNEL(find_columns)(start, b, stride, j, columns);
    intptr_t p = 0;
    for (; p + KERNEL(quarter) <= depth; p += KERNEL(quarter)) {
      Vector vectors[KERNEL(quarter)];
      KERNEL(load_transposed)(vectors, start, p);
      UNROLLED for (int i = 0; i < KERNEL(quarter); i++) *(Vector *)(panel + (p + i) * width + j) = vectors[i];
    }
    for (; p < depth; p++)
      for (intptr_t lane = 0; lane < LANES; lane++) panel[p * width + j + lane] = start[lane][p];
  }
}

/// The tile of a single row and of a transposed b, so many vectors of columns of which are transposed in registers.
INLINED void KERNEL(multiply_tile)(Block tile, intptr_t b_stride, int vectors) {
  Vector sum[most_vectors];
  UNROLLED for (int v = 0; v < vectors; v++) sum[v] = (Vector){0};
  intptr_t p = 0;
  #pragma clang loop unroll(disable)
  for (; p + KERNEL(quarter) <= tile.depth; p += KERNEL(quarter))
    UNROLLED for (int v = 0; v < vectors; v++) {
      const REAL *start[LANES];
      Vector b[KERNEL(quarter)];
      KERNEL(find_columns)(start, tile.b, b_stride, v * LANES, tile.columns);
      KERNEL(load_transposed)(b, start, p);
      UNROLLED for (int i = 0; i < KERNEL(quarter); i++) sum[v] += tile.a[(p + i) * tile.a_depth_stride] * b[i];
    }
  for (; p < tile.depth; p++)
    UNROLLED for (int v = 0; v < vectors; v++) {
      const REAL *start[LANES];
      REAL lanes[LANES];
      KERNEL(find_columns)(start, tile.b, b_stride, v * LANES, tile.columns);
      for (intptr_t lane = 0; lane < LANES; lane++) lanes[lane] = start[lane][p];
      sum[v] += tile.a[p * tile.a_depth_stride] * *(const Vector *)lanes;
    }
  UNROLLED for (int v = 0; v < vectors; v++)
    KERNEL(store_sum)(&sum[v], tile.c + v * LANES, tile.columns - v * LANES, tile.accumulate);
}

/// c = or += a row times the transpose of b [columns, depth]. In a tile of several vectors, no sum waits for its last
/// multiply-add.
INLINED void KERNEL(multiply_row)(Block row, intptr_t b_stride, int vector_limit) {
  Block tile = row;
  for (intptr_t j = 0; j < row.columns; j += tile.columns) {
    tile.b = row.b + j * b_stride;
    tile.c = row.c + j;
    // Widths that are constants, so that the compiler sees that all columns are there.
    if (j + vector_limit * LANES <= row.columns) {
      tile.columns = vector_limit * LANES;
      KERNEL(multiply_tile)(tile, b_stride, vector_limit);
    } else if (j + LANES <= row.columns) {
      tile.columns = LANES;
      KERNEL(multiply_tile)(tile, b_stride, 1);
    } else {
      tile.columns = row.columns - j;
      KERNEL(multiply_tile)(tile, b_stride, 1);
    }
  }
}

void KERNEL(product)(KERNEL(Matrix) a, KERNEL(Matrix) b, REAL *c, intptr_t c_row_stride, intptr_t rows,
                     intptr_t columns, intptr_t depth, bool accumulate) {
  enum {  // the tiles that fill the registers: 32 of AVX-512, 16 of AVX2 and SSE, 32 of NEON
    row_limit = REGISTER_BYTES == 64 ? most_rows : REGISTER_BYTES == 32 || !SEVERAL_INSTRUCTION_SETS ? 6 : 2,
    vector_limit = REGISTER_BYTES == 64 ? most_vectors : 1,
  };
  REAL packed[depth_block * most_vectors * LANES] __attribute__((aligned(vector_bytes)));
  intptr_t row_blocks = part_count(rows, row_block), depth_blocks = part_count(depth, depth_block);
  intptr_t all_vectors = (columns + LANES - 1) / LANES, panels = part_count(all_vectors, vector_limit);
  Block panel = {
    .a_row_stride = a.transposed ? 1 : a.stride, .a_depth_stride = a.transposed ? a.stride : 1,
    .c_row_stride = c_row_stride, .a_is_packed = a.transposed && panels > 1 && depth * a.stride > most_in_place,
  };
  if (rows == 1 && b.transposed) {
    for (intptr_t d = 0, p = 0; d < depth_blocks; p += part_size(d++, depth_blocks, depth))
      KERNEL(multiply_row)((Block){
        .a = a.start + p * panel.a_depth_stride, .b = b.start + p, .c = c, .a_depth_stride = panel.a_depth_stride,
        .columns = columns, .depth = part_size(d, depth_blocks, depth), .accumulate = accumulate || d > 0,
      }, b.stride, vector_limit);
    return;
  }
  const intptr_t block_bytes = (rows < row_block ? rows : row_block) * depth_block * (intptr_t)sizeof(REAL);
  REAL *const packed_block = panel.a_is_packed ? slicegrad_allocate(block_bytes) : NULL;
  for (intptr_t r = 0, i = 0; r < row_blocks; r++, i += panel.rows) {
    panel.rows = part_size(r, row_blocks, rows);
    for (intptr_t d = 0, p = 0; d < depth_blocks; d++, p += panel.depth) {
      panel.depth = part_size(d, depth_blocks, depth);
      panel.accumulate = accumulate || d > 0;
      if (panel.a_is_packed) {
        KERNEL(pack_tiles)(packed_block, a.start + p * a.stride + i, a.stride, panel.rows, panel.depth, row_limit);
        panel.a = packed_block;
      } else {
        panel.a = a.start + i * panel.a_row_stride + p * panel.a_depth_stride;
      }
      for (intptr_t s = 0, j = 0; s < panels; s++, j += panel.columns) {
        intptr_t vectors = part_size(s, panels, all_vectors), width = vectors * LANES;
        panel.columns = width < columns - j ? width : columns - j;
        panel.c = c + i * c_row_stride + j;
        panel.b = packed;
        panel.b_depth_stride = width;
        if (b.transposed) {
          KERNEL(pack_transposed)(packed, width, b.start + j * b.stride + p, b.stride, panel.depth, panel.columns);
        } else if (panel.columns < width || panel.rows >= rows_worth_packing) {
          KERNEL(pack)(packed, width, b.start + p * b.stride + j, b.stride, panel.depth, panel.columns);
        } else {
          panel.b = b.start + p * b.stride + j;
          panel.b_depth_stride = b.stride;
        }
        switch (vectors) {
        case 1: KERNEL(matmul_panel)(panel, 1, row_limit); break;
        case 2: if (vector_limit >= 2) KERNEL(matmul_panel)(panel, 2, row_limit); break;
        case 3: if (vector_limit >= 3) KERNEL(matmul_panel)(panel, 3, row_limit); break;
        }
      }
    }
  }
  if (packed_block) slicegrad_release(packed_block, block_bytes);
}

void KERNEL(matmul)(IN a, IN b, OUT c, intptr_t m, intptr_t n, intptr_t k, bool transposeA, bool transposeB,
                    SliceGradPart part) {
  const intptr_t i = part.firstRow, j = part.firstColumn;
  const KERNEL(Matrix) rows = {a + i * (transposeA ? 1 : k), transposeA ? m : k, transposeA};
  const KERNEL(Matrix) columns = {b + j * (transposeB ? k : 1), transposeB ? k : n, transposeB};
  KERNEL(product)(rows, columns, c + i * n + j, n, part.endRow - i, part.endColumn - j, k, false);
}

#endif
