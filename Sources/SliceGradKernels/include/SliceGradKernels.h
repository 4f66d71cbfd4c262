/// The loops that SliceGrad spends its time in, in C.
///
/// Every kernel exists for `float` and for `double`. `Declarations.h` declares it once and is included twice; Swift
/// sees the two families as the static members of `FloatKernels` and `DoubleKernels`, so that a generic `Scalar`
/// reaches its own family through `Scalar.Kernels`. A new kernel is one declaration there, one function in its C file,
/// and one line of the protocol `ScalarKernels`. Each is compiled for several instruction sets, see instruction_sets.c.
///
/// Conventions: matrices are contiguous and row-major; a shape stands in brackets before each kernel; counts are
/// `intptr_t`, row numbers `int32_t`; buffers that a kernel writes never overlap those that it reads unless its
/// comment says so. Kernels check nothing: their callers have checked shapes and ranges.
#ifndef SLICEGRAD_KERNELS_H
#define SLICEGRAD_KERNELS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT_NAME(name) __attribute__((swift_name(name)))

#pragma clang assume_nonnull begin

typedef struct { char unused; } FloatKernels;
typedef struct { char unused; } DoubleKernels;

/// Memory for a tensor, aligned to 64 bytes, its contents undefined; perhaps a block that was released. Aborts if there
/// is none. O(1).
void *slicegrad_allocate(intptr_t bytes) SWIFT_NAME("allocate(byteCount:)");

/// Gives back what `slicegrad_allocate` returned for this number of bytes, on any thread. At most some 300 MiB are kept
/// for the next tensors, the rest goes to the operating system. O(1).
void slicegrad_release(void *block, intptr_t bytes) SWIFT_NAME("release(_:byteCount:)");

/// Gives the memory that is kept, and what the C library keeps, back to the operating system. O(free blocks).
void slicegrad_give_back_free_memory(void) SWIFT_NAME("giveBackFreeMemory()");

/// One piece of some work.
typedef void (*slicegrad_piece_body)(void *context, intptr_t piece);

/// Calls `body` once for each piece 0 ..< pieces, below 2³² − 1, on several threads, and returns when all are done.
/// Work within a piece, and work that is handed in while another thread's is being done, runs on its own thread alone.
void slicegrad_for_each_piece(intptr_t pieces, void *context, slicegrad_piece_body body)
    SWIFT_NAME("forEachPiece(_:_:_:)");

/// How many threads share the work; at first SLICEGRAD_THREADS of the environment, or else the processors that this
/// process may use.
intptr_t slicegrad_thread_count(void) SWIFT_NAME("threadCount()");
void slicegrad_set_thread_count(intptr_t count) SWIFT_NAME("setThreadCount(_:)");

/// The vector instructions that the kernels run: "avx512", "avx2" or "sse2" on x86-64, "neon" on Arm, else "portable".
/// It is the best set of the processor, or the one that SLICEGRAD_INSTRUCTION_SET of the environment names.
const char *slicegrad_instruction_set(void) SWIFT_NAME("instructionSet()");

/// How many pieces the calling thread has handed in so far: for tests, which have to know that work was cut.
intptr_t slicegrad_pieces_handed_in(void) SWIFT_NAME("piecesHandedIn()");

/// The rules of optimizers.c, one line each: the kernel's name, the type of one step's coefficients, and these.
#define SLICEGRAD_RULES                                                                              \
  RULE(sgd, SliceGradSGD, double rate, momentum, gradientGain, weightDecay; bool nesterov)           \
  RULE(adagrad, SliceGradAdagrad, double rate, epsilon, weightDecay)                                 \
  RULE(rowwiseAdagrad, SliceGradRowwiseAdagrad, double rate, epsilon, weightDecay)                   \
  RULE(lion, SliceGradLion, double rate, beta1, beta2, weightDecay)                                  \
  RULE(rmsprop, SliceGradRMSprop, double rate, alpha, epsilon, weightDecay, momentum)
#define RULE(name, Step, ...) typedef struct { __VA_ARGS__; } Step;
SLICEGRAD_RULES
#undef RULE

/// The coefficients of one step of Adam, which differ between rows.
typedef struct {
  double beta1, oneMinusBeta1, beta2, oneMinusBeta2, stepSize, inverseRootCorrection, epsilon, parameterScale;
  double weightDecay;
} SliceGradAdam;

/// What the steps of Adam come to that a row has missed. Step s moves it by W m / (√v + ε q), with a weight W and a
/// point q; `centre` is the mean of the points, weighted by W, and moments[k] = Σ W (q / centre − 1)ᵏ.
enum { slicegrad_moments = 8 };
typedef struct {
  double centre, moments[slicegrad_moments + 1];
} SliceGradMissedSums;

/// How the rows catch up that were last updated in the same step.
typedef struct {
  /// What p, the sums, m and v are multiplied by.
  double parameterScale, sumsScale, firstMomentScale, secondMomentScale;
  /// Whether rows move by their m; and from which v on the sums say precisely enough how far.
  bool moves;
  double leastSecondMoment;
  SliceGradMissedSums sums;
  /// For rows with a smaller v, the steps to go through one by one, and what p, m and v are multiplied by after these.
  intptr_t firstReplayed, endReplayed;
  double parameterScaleAfter, firstMomentScaleAfter, secondMomentScaleAfter;
} SliceGradMissed;

/// A training step that is being recorded: its number, unique in the process, its tape, and the step around it.
typedef struct SliceGradStep {
  intptr_t number;
  const void *tape;
  const struct SliceGradStep *_Nullable outer;
} SliceGradStep;

/// 1, 2, 3, …, each only once in a process.
intptr_t slicegrad_next_step_number(void) SWIFT_NAME("nextStepNumber()");

/// The innermost step that this thread records; NULL outside of steps.
const SliceGradStep *_Nullable slicegrad_innermost_step(void) SWIFT_NAME("innermostStep()");

/// Sets the innermost step of this thread, when one begins or ends.
void slicegrad_set_innermost_step(const SliceGradStep *_Nullable step) SWIFT_NAME("setInnermostStep(_:)");

/// The part of a matrix in the rows firstRow ..< endRow and the columns firstColumn ..< endColumn.
typedef struct {
  intptr_t firstRow, endRow, firstColumn, endColumn;
} SliceGradPart;

/// Some rows of a table, and where their state lies: row rows[i] for each i of first ..< end. A block holds the state
/// of 2^slotShift slots, `width` scalars each; that of the row is number slots[i] of them all. touches[i] is the number
/// of updates in which the row had a gradient, this one included. Without state, the pointers to it are NULL.
///
/// Without `rows` it is the part first ..< end of a whole buffer. Its state of kind k is the buffer blocks[k], NULL for
/// kinds from 0 ..< 3 that there aren't.
typedef struct {
  const int32_t *_Nullable rows, *_Nullable slots, *_Nullable touches;
  void *_Nullable const *_Nullable blocks;
  intptr_t slotShift, width, first, end;
} SliceGradRows;

/// The rows of a table that are listed for each of some vectors: rows[i] for each position i of
/// splits[b] ..< splits[b + 1]. Without rows and splits, all `count` rows of the table are listed for each vector.
typedef struct {
  const int32_t *_Nullable rows, *_Nullable splits;
  intptr_t count;
} SliceGradLists;

/// Where a look-up read a row: at which of its positions, and in which of its bags. If there are none, each position is
/// a bag.
typedef struct {
  int32_t position, bag;
} SliceGradUse;

/// The distinct rows that a look-up read, and where it did: the uses of row number rows[r] are the k of
/// starts[r] ..< starts[r + 1]. Sums of what the uses contribute go to place r; or to place rows[r], if they are of the
/// whole table. They are added to what is there, or replace it.
typedef struct {
  const int32_t *starts;
  const SliceGradUse *uses;
  const int32_t *rows;
  bool isWhole, accumulates;
} SliceGradUses;

/// Of two rows x and r: Σ |xⱼ − rⱼ|, √Σ (xⱼ − rⱼ)², Σ (xⱼ − rⱼ)², and Σ |xⱼ − rⱼ| of complex numbers, whose real parts
/// are the first half of a row and whose imaginary parts the second.
typedef enum { SliceGradL1, SliceGradL2, SliceGradSquaredL2, SliceGradComplexL1 } SliceGradDistance;

typedef enum { SliceGradGRU, SliceGradLSTM } SliceGradCell;

/// Sequences that a recurrent layer goes through, `count` of them. Sequence s is the elements splits[s] ..< splits[s +
/// 1], which it takes from the last to the first if it `isReversed`. A call is for `taken` sequences, whose numbers are
/// `order`, the longest first.
typedef struct {
  SliceGradCell cell;
  bool isReversed;
  const int32_t *splits, *order;
  intptr_t count, taken, hidden;
} SliceGradRecurrence;

/// Attention between sequences: sequence s has the queries querySplits[s] ..< querySplits[s + 1], and of the keys and
/// values each those in keySplits[s] ..< keySplits[s + 1]. If it `isCausal`, query i of a sequence sees its keys 0 ...
/// i only. Each head has `width` columns of queries and keys and `valueWidth` of values, side by side in matrices whose
/// rows lie a stride apart. Heads are numbered sequence by sequence.
typedef struct {
  bool isCausal;
  const int32_t *querySplits, *keySplits;
  intptr_t heads, width, valueWidth, queryStride, keyStride, valueStride;
} SliceGradAttention;

/// 1 − βᵗ, without cancellation.
double slicegrad_bias_correction(double beta, intptr_t t) SWIFT_NAME("biasCorrection(_:_:)");

/// Sums up the n `steps` that rows may have missed: sums[i] is for a row that has missed the steps i ..< n.
///
/// With j = 1 for the first missed step, 2 for the next, …, W = ratioʲ · stepSize / inverseRootCorrection · Π of the
/// parameterScale of later steps, and q = growthʲ / inverseRootCorrection. O(n).
void slicegrad_sum_missed_steps(const SliceGradAdam *steps, intptr_t n, double ratio, double growth,
                                SliceGradMissedSums *sums) SWIFT_NAME("sumMissedSteps(_:_:_:_:_:)");

/// Numbers the distinct rows among `indices` [n] in the order of their first appearance, from `count` on: numbers[i] is
/// the number of indices[i] (−1 for negative indices), rows[number] the row. Returns how many there are then. `scratch`
/// has `capacity` elements, a power of 2 greater than that, which are −1 at first and passed on from call to call.
/// O(n), however large the table is: a hash table with linear probing.
intptr_t slicegrad_number_rows(const int32_t *indices, intptr_t n, intptr_t count, int32_t *rows, int32_t *numbers,
                               int32_t *scratch, intptr_t capacity) SWIFT_NAME("numberRows(_:_:_:_:_:_:_:)");

/// The same for small row numbers: numberOfRow[r] is the number of row r, at first −1. All row numbers are below its
/// length.
intptr_t slicegrad_number_small_rows(const int32_t *indices, intptr_t n, intptr_t count, int32_t *rows,
                                     int32_t *numbers, int32_t *numberOfRow) SWIFT_NAME("numberRows(_:_:_:_:_:_:)");

/// Leaves each of `rows` [n] once, in the order of their first appearance, with the sum of its `counts` [n]. Returns
/// how many there are. `scratch` is as above. O(n).
intptr_t slicegrad_count_rows(int32_t *rows, int32_t *counts, intptr_t n, int32_t *scratch, intptr_t capacity)
    SWIFT_NAME("countRows(_:_:_:_:_:)");

// A look-up's positions are sorted by their rows: all are counted, then `start_uses`, and then all are placed. `starts`
// is [rows + 1], at first 0; in the end the uses of row r are the starts[r] ..< starts[r + 1], in the order of their
// positions. numbers[i] is the number of the row at position i, −1 if that doesn't count. Bag b has the positions
// splits[b] ..< splits[b + 1]; without splits each position is a bag.

/// Counts the uses of each row at n positions.
void slicegrad_count_uses(const int32_t *numbers, intptr_t n, int32_t *starts) SWIFT_NAME("countUses(_:_:_:)");

/// From how many uses each row has to where they go.
void slicegrad_start_uses(int32_t *starts, intptr_t rows) SWIFT_NAME("startUses(_:_:)");

/// Writes the uses in some bags. Position i counts as first.position + i, and bag b as first.bag + b.
void slicegrad_place_uses(const int32_t *numbers, const int32_t *_Nullable splits, intptr_t bags, SliceGradUse first,
                          int32_t *starts, SliceGradUse *uses) SWIFT_NAME("placeUses(_:_:_:_:_:_:)");

/// The slots of some rows: slots[i] = slotOfRow[rows[i]], for the i in first ..< end.
void slicegrad_find_slots(const int32_t *rows, const int32_t *slotOfRow, int32_t *slots, intptr_t first, intptr_t end)
    SWIFT_NAME("findSlots(_:_:_:_:_:)");

/// Counts in touchesOfSlot that each of the slots first ..< end, which don't repeat, is touched: touches[i] is that
/// number, this time included. It stays at 2³¹ − 1.
void slicegrad_count_touches(const int32_t *slots, int32_t *touchesOfSlot, int32_t *touches, intptr_t first,
                             intptr_t end) SWIFT_NAME("countTouches(_:_:_:_:_:)");

/// Finds those of `rows` [n], perhaps repeated, that have state and were last up to date before the step `now`, which
/// is noted for them: behind[k] is such a row, slots[k] its slot and lastSteps[k] what was noted before. Returns their
/// number. The slots of all rows are looked up in `slotOfRow`; with NULL they are 0 ..< n. `slots` has room for n.
intptr_t slicegrad_take_rows_behind(const int32_t *rows, intptr_t n, const int32_t *_Nullable slotOfRow,
                                    int32_t *lastStepOfSlot, int32_t now, int32_t *behind, int32_t *slots,
                                    int32_t *lastSteps) SWIFT_NAME("takeRowsBehind(_:_:_:_:_:_:_:_:)");

#pragma clang assume_nonnull end

// What kernels take: numbers to read and to write, and row numbers; perhaps NULL; the part first ..< end of their work.
#define IN const REAL *
#define OUT REAL *
#define MAYBE const REAL *_Nullable
#define ROWS const int32_t *
#define MAYBE_ROWS const int32_t *_Nullable
#define DIMENSIONS const int32_t *
#define RANGE intptr_t first, intptr_t end

// A kernel's name in C is slicegrad_name_float or slicegrad_name_double.
#define SLICEGRAD_NAME(name, suffix) SLICEGRAD_JOINED(name, suffix)
#define SLICEGRAD_JOINED(name, suffix) slicegrad_##name##_##suffix
#define DECLARE(result, name, labels, ...) \
  result SLICEGRAD_NAME(name, REAL)(__VA_ARGS__) SWIFT_NAME(FAMILY "." #name labels);

#define REAL float
#define FAMILY "FloatKernels"
#include "Declarations.h"
#undef REAL
#undef FAMILY

#define REAL double
#define FAMILY "DoubleKernels"
#include "Declarations.h"
#undef REAL
#undef FAMILY

#undef DECLARE

#endif
