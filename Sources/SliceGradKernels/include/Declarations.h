// Included by SliceGradKernels.h once for each scalar type; see there for the conventions.
#pragma clang assume_nonnull begin

// MARK: Elementwise functions: elementwise.c
// Elements first ..< end. A gradient g of step 0 is one number for all elements; otherwise its step is 1.

/// y[i] = f(x[i]), and beside it out[i] = g[i] · f′(x[i]), given x or y, whichever it names. `out` may be `g`.
#define UNARY(name, saved)                                               \
  void KERNEL(name)(IN x, OUT y, RANGE) SWIFT(#name "(_:_:_:_:)");       \
  void KERNEL(name##Gradient)(IN saved, IN g, intptr_t step, OUT out, RANGE) SWIFT(#name "Gradient(_:_:_:_:_:_:)");
UNARY(exp, y)
UNARY(log, x)
UNARY(sqrt, y)
UNARY(square, x)
UNARY(relu, y)
UNARY(tanh, y)
UNARY(sigmoid, y)
UNARY(silu, x)
UNARY(softplus, x)
UNARY(gelu, x)
UNARY(geluTanh, x)
#undef UNARY

/// The same with a number p: leakyRelu's slope, power's exponent.
#define UNARY_WITH_PARAMETER(name)                                               \
  void KERNEL(name)(IN x, REAL p, OUT y, RANGE) SWIFT(#name "(_:_:_:_:_:)");     \
  void KERNEL(name##Gradient)(IN x, REAL p, IN g, intptr_t step, OUT out, RANGE)     \
      SWIFT(#name "Gradient(_:_:_:_:_:_:_:)");
UNARY_WITH_PARAMETER(leakyRelu)
UNARY_WITH_PARAMETER(power)
#undef UNARY_WITH_PARAMETER

/// y[i] = value
void KERNEL(fill)(REAL value, OUT y, RANGE) SWIFT("fill(_:_:_:_:)");

/// y[i] = a x[i] + b; `y` may be `x`.
void KERNEL(affine)(REAL a, IN x, REAL b, OUT y, RANGE) SWIFT("affine(_:_:_:_:_:_:)");

/// y[i] = x[i], but at least a and at most b; NaN stays NaN.
void KERNEL(clamp)(REAL a, IN x, REAL b, OUT y, RANGE) SWIFT("clamp(_:_:_:_:_:_:)");

/// y[i] += a x[i · step], with a step of 0 or 1.
void KERNEL(addScaled)(REAL a, IN x, intptr_t step, OUT y, RANGE) SWIFT("addScaled(_:_:_:_:_:_:)");

/// y [rows, n]: the vector x [n] is added to the rows first ..< end.
void KERNEL(addToRows)(IN x, OUT y, intptr_t n, RANGE) SWIFT("addToRows(_:_:_:_:_:)");

/// Whether no x[i] of the first n is infinite or NaN.
bool KERNEL(isFinite)(IN x, intptr_t n) SWIFT("isFinite(_:_:)");

/// Σ x[i] y[i] of the first n elements, summed in double.
double KERNEL(dot)(IN x, IN y, intptr_t n) SWIFT("dot(_:_:_:)");

/// out[i] = x[i] or 0: each is kept with a probability and then scaled by its inverse, as the random numbers that
/// follow from `state` decide. Applied to the gradient with the same state it is its own backward pass. `out` may be
/// `x`.
void KERNEL(dropout)(IN x, uint64_t state, REAL keepProbability, OUT out, RANGE) SWIFT("dropout(_:_:_:_:_:_:)");

/// Overflow-safe cross-entropy of independent probabilities, max(x, 0) − x t + log(1 + e^−|x|), and its gradient.
void KERNEL(sigmoidCrossEntropy)(IN x, IN t, OUT y, RANGE) SWIFT("sigmoidCrossEntropy(_:_:_:_:_:)");
void KERNEL(sigmoidCrossEntropyGradient)(IN x, IN t, IN g, intptr_t step, OUT out, RANGE)
    SWIFT("sigmoidCrossEntropyGradient(_:_:_:_:_:_:_:)");

// MARK: Broadcasting arithmetic and reductions: broadcast.c
// Shapes are given as `rank` dimensions each, padded in front with ones.

/// out[i] = a[i] · b[i] for the operation · in the name; comparisons give 1 or 0. Only elements first ..< end are
/// written if each operand has one element or as many as `out`; otherwise all are.
#define BINARY(name)                                                                                               \
  void KERNEL(broadcast_##name)(IN a, DIMENSIONS aShape, IN b, DIMENSIONS bShape, OUT out, intptr_t rank, RANGE)   \
      SWIFT(#name "(_:_:_:_:_:_:_:_:)");
BINARY(add)
BINARY(subtract)
BINARY(multiply)
BINARY(divide)
BINARY(maximumOfTwo)
BINARY(minimumOfTwo)
BINARY(isGreater)
BINARY(isGreaterOrEqual)
BINARY(isEqual)
#undef BINARY

/// out[i] = y[i] where the mask isn't 0, x[i] elsewhere. For the elements first ..< end.
void KERNEL(select)(IN mask, IN x, IN y, OUT out, RANGE) SWIFT("select(_:_:_:_:_:_:)");

/// Σ x[i] for i in first ..< end, in double.
double KERNEL(total)(IN x, RANGE) SWIFT("total(_:_:_:)");

/// out = the sums of x over the axes along which `outShape` is 1; `outShape` equals `xShape` elsewhere.
void KERNEL(sum)(IN x, DIMENSIONS xShape, OUT out, DIMENSIONS outShape, intptr_t rank) SWIFT("sum(_:_:_:_:_:)");

/// The same for maxima; a NaN among the elements is the maximum.
void KERNEL(maximum)(IN x, DIMENSIONS xShape, OUT out, DIMENSIONS outShape, intptr_t rank) SWIFT("maximum(_:_:_:_:_:)");

/// out, of x's shape: g at the first element that is its group's maximum, y, and 0 elsewhere. `g` is used up.
void KERNEL(maximumGradient)(IN x, DIMENSIONS xShape, IN y, OUT g, OUT out, DIMENSIONS outShape, intptr_t rank)
    SWIFT("maximumGradient(_:_:_:_:_:_:_:)");

/// out[i…] = x at Σ i_axis · strides[axis]: any permutation of axes, and with strides of 0 repetition. `shape` is
/// out's.
void KERNEL(permute)(IN x, const intptr_t *strides, OUT out, DIMENSIONS shape, intptr_t rank)
    SWIFT("permute(_:_:_:_:_:)");

// MARK: Matrix product: matmul.c

/// c [m, n] = a [m, k] · b [k, n]: those elements of c that are in the part's rows and columns. `a` is stored [k, m]
/// with `transposeA`, `b` [n, k] with `transposeB`.
void KERNEL(matmul)(IN a, IN b, OUT c, intptr_t m, intptr_t n, intptr_t k, bool transposeA, bool transposeB,
                    SliceGradPart part) SWIFT("matmul(_:_:_:_:_:_:transposeA:transposeB:part:)");

// MARK: Rows of classes: softmax.c
// Rows first ..< end of matrices [rows, n].

/// y = e^x / Σ e^x of each row, and the gradient y (g − Σ y g).
void KERNEL(softmax)(IN x, OUT y, intptr_t n, RANGE) SWIFT("softmax(_:_:_:_:_:)");
void KERNEL(softmaxGradient)(IN y, IN g, OUT out, intptr_t n, RANGE) SWIFT("softmaxGradient(_:_:_:_:_:_:)");

/// y = x − log Σ e^x of each row, and the gradient g − e^y Σ g.
void KERNEL(logSoftmax)(IN x, OUT y, intptr_t n, RANGE) SWIFT("logSoftmax(_:_:_:_:_:)");
void KERNEL(logSoftmaxGradient)(IN y, IN g, OUT out, intptr_t n, RANGE) SWIFT("logSoftmaxGradient(_:_:_:_:_:_:)");

/// losses [rows] of logits [rows, n] against the classes `labels`: with nll_c = log Σ e^x − x_c and weights w (NULL:
/// all 1, weightSum = n), (1 − s) w_y nll_y + (s / n) Σ_c w_c nll_c for smoothing s. Rows whose label is `ignored` have
/// loss 0. Also fills logSums [rows], log Σ e^(x − the row's maximum), which the gradient takes.
void KERNEL(softmaxCrossEntropy)(IN logits, ROWS labels, MAYBE weights, REAL smoothing, int32_t ignored, OUT losses,
                                 OUT logSums, intptr_t n, RANGE) SWIFT("softmaxCrossEntropy(_:_:_:_:_:_:_:_:_:_:)");

/// out [rows, n] = g[step · row] · ∂loss/∂logits, with a step of 1, or of 0 if g is one number.
void KERNEL(softmaxCrossEntropyGradient)(IN logits, ROWS labels, MAYBE weights, REAL weightSum, REAL smoothing,
                                         int32_t ignored, IN logSums, IN g, intptr_t step, OUT out, intptr_t n, RANGE)
    SWIFT("softmaxCrossEntropyGradient(_:_:_:_:_:_:_:_:_:_:_:_:_:)");

// MARK: Layer normalization: layer_norm.c

/// y [rows, n] = weight · x̂ + bias with x̂ = (x − mean) · inverseDeviation of each row, 1 / √(variance + epsilon).
/// Fills statistics [rows, 2]: mean and inverse deviation. For rows first ..< end, where first is a multiple of 4.
void KERNEL(layerNorm)(IN x, IN weight, IN bias, REAL epsilon, OUT y, OUT statistics, intptr_t n, RANGE)
    SWIFT("layerNorm(_:_:_:_:_:_:_:_:_:)");

/// out [rows, n] (NULL: not wanted): with h = weight · g, inverseDeviation · (h − mean(h) − x̂ mean(h x̂)).
/// Rows of g are gStride apart: n, or 0 if they are all the same.
/// The rows are taken in parts of 64, the last one shorter; this is for the parts first ..< end. weightSums and
/// biasSums [parts, n]: Σ over a part's rows of g x̂ and of g. Over more rows, the sums would lose digits in REAL.
void KERNEL(layerNormGradient)(IN x, IN statistics, IN weight, IN g, intptr_t gStride, REAL *_Nullable out,
                               OUT weightSums, OUT biasSums, intptr_t rows, intptr_t n, RANGE)
    SWIFT("layerNormGradient(_:_:_:_:_:_:_:_:_:_:_:_:)");

// MARK: Rows of a table: rows.c
// A table is [v, d]. A bag b holds the positions splits[b] ..< splits[b + 1] of `indices`.

/// out [n, d]: row indices[i] of the table for each i of first ..< end.
void KERNEL(gather)(IN table, ROWS indices, OUT out, intptr_t d, RANGE) SWIFT("gather(_:_:_:_:_:_:)");

/// out [b, d]: the sum of each bag's rows, each times its weight if there are any (NULL: 1); 0 for an empty bag. With
/// `isMean` it is divided by the number of rows. For the bags first ..< end.
void KERNEL(bagSum)(IN table, ROWS indices, ROWS splits, MAYBE weights, OUT out, intptr_t d, bool isMean, RANGE)
    SWIFT("bagSum(_:_:_:_:_:_:isMean:_:_:)");

/// out [b, d]: the maximum over each bag's rows, 0 for an empty bag; winners [b, d]: the position it came from (−1).
void KERNEL(bagMaximum)(IN table, ROWS indices, ROWS splits, OUT out, int32_t *winners, intptr_t bags,
                        intptr_t d) SWIFT("bagMaximum(_:_:_:_:_:_:_:)");

/// out [positions] = the dot product of bag gradient g [b, d] and the position's row: the gradient of its weight.
void KERNEL(bagWeightGradient)(IN table, ROWS indices, ROWS splits, IN g, OUT out, intptr_t bags, intptr_t d)
    SWIFT("bagWeightGradient(_:_:_:_:_:_:_:)");

/// out [b, d]: each row of x divided by the length of its bag; rows of empty bags stay. For the bags first ..< end.
void KERNEL(divideByBagLength)(IN x, ROWS splits, OUT out, intptr_t d, RANGE) SWIFT("divideByBagLength(_:_:_:_:_:_:)");

/// Adds weights[i] · g[i] (NULL: 1 · g[i]), a row of [n, d], to out[slots[i]] if that slot is in first ..< end. If it
/// `accumulates`, out's contents count; otherwise they don't, and slots appear in the order first, first + 1, ….
void KERNEL(mergeRows)(IN g, ROWS slots, MAYBE weights, OUT out, intptr_t n, intptr_t d, RANGE, bool accumulates)
    SWIFT("mergeRows(_:_:_:_:_:_:_:_:accumulates:)");

/// The same from bag gradients g [b, d]: position p of bag b adds weights[p] · g[b] at slots[p].
void KERNEL(mergeBags)(IN g, ROWS slots, ROWS splits, MAYBE weights, OUT out, intptr_t bags, intptr_t d, RANGE,
                       bool accumulates) SWIFT("mergeBags(_:_:_:_:_:_:_:_:_:accumulates:)");

/// The same for maxima, accumulating: element g[b, j] goes to the row of its winning position,
/// out[slots[winners[b, j]], j].
void KERNEL(mergeBagMaxima)(IN g, ROWS slots, ROWS winners, OUT out, intptr_t bags, intptr_t d, intptr_t first,
                            intptr_t end) SWIFT("mergeBagMaxima(_:_:_:_:_:_:_:_:)");

// MARK: Updates of parameters: optimizers.c
// Of a whole buffer p, or of some rows of a table p [v, d]; the gradient g [n, d] has a row for each of rows.rows. What
// is computed stands there, before each rule's function.

#define RULE(name, Step, ...) \
  void KERNEL(name)(OUT p, IN g, SliceGradRows rows, Step step, intptr_t d) SWIFT(#name "(_:_:_:_:_:)");
SLICEGRAD_RULES
#undef RULE

/// With `isPerRow` each row has coefficients of its own, steps[i] for rows.rows[i]; otherwise steps[0] is for all.
void KERNEL(adam)(OUT p, IN g, SliceGradRows rows, const SliceGradAdam *steps, bool isPerRow, intptr_t d)
    SWIFT("adam(_:_:_:_:_:_:)");

/// a[i] += weight (x[i] − a[i]) for a weight in 0...1
void KERNEL(lerp)(OUT a, IN x, REAL weight, intptr_t n) SWIFT("lerp(_:_:_:_:)");
/// The same for rows of two tables, after each has moved towards what its row of x was when it was last seen, with the
/// weight missed[i] for rows.rows[i]. A row's state is that row of x [d], which is noted anew.
void KERNEL(lerpRows)(OUT table, IN x, SliceGradRows rows, IN missed, REAL weight, intptr_t d)
    SWIFT("lerpRows(_:_:_:_:_:_:)");

// MARK: Random numbers: random.c
// Element i follows from state + i · γ alone: the same numbers on every platform.

/// out[i] uniform in low ..< high.
void KERNEL(uniform)(uint64_t state, REAL low, REAL high, OUT out, intptr_t n) SWIFT("uniform(_:_:_:_:_:)");

/// out[i] normally distributed.
void KERNEL(normal)(uint64_t state, REAL mean, REAL standardDeviation, OUT out, intptr_t n) SWIFT("normal(_:_:_:_:_:)");

#pragma clang assume_nonnull end
