// All kernels: DECLARE(result, name, Swift's argument labels, parameters). Included by SliceGradKernels.h once for each
// scalar type, see there for the conventions, and by instruction_sets.c.

#pragma clang assume_nonnull begin

// MARK: Elementwise functions: elementwise.c
// Elements first ..< end. A gradient g of step 0 is one number for all elements; otherwise its step is 1.

/// y[i] = f(x[i]), and beside it out[i] = g[i] · f′(x[i]), given x or y, whichever it names. `out` may be `g`.
#define UNARY(name, saved)                               \
  DECLARE(void, name, "(_:_:_:_:)", IN x, OUT y, RANGE)  \
  DECLARE(void, name##Gradient, "(_:_:_:_:_:_:)", IN saved, IN g, intptr_t step, OUT out, RANGE)
UNARY(exp, y)
UNARY(log, x)
UNARY(sqrt, y)
UNARY(square, x)
UNARY(abs, x)
UNARY(sin, x)
UNARY(cos, x)
UNARY(relu, y)
UNARY(tanh, y)
UNARY(sigmoid, y)
UNARY(silu, x)
UNARY(softplus, x)
UNARY(gelu, x)
UNARY(geluTanh, x)
#undef UNARY

/// The same with a number p: leakyRelu's slope, power's exponent.
#define UNARY_WITH_PARAMETER(name)                                 \
  DECLARE(void, name, "(_:_:_:_:_:)", IN x, REAL p, OUT y, RANGE)  \
  DECLARE(void, name##Gradient, "(_:_:_:_:_:_:_:)", IN x, REAL p, IN g, intptr_t step, OUT out, RANGE)
UNARY_WITH_PARAMETER(leakyRelu)
UNARY_WITH_PARAMETER(power)
#undef UNARY_WITH_PARAMETER

/// y[i] = value
DECLARE(void, fill, "(_:_:_:_:)", REAL value, OUT y, RANGE)

/// y[i] = a x[i] + b; `y` may be `x`.
DECLARE(void, affine, "(_:_:_:_:_:_:)", REAL a, IN x, REAL b, OUT y, RANGE)

/// y[i] = x[i], but at least a and at most b; NaN stays NaN.
DECLARE(void, clamp, "(_:_:_:_:_:_:)", REAL a, IN x, REAL b, OUT y, RANGE)

/// y[i] += a x[i · step], with a step of 0 or 1.
DECLARE(void, addScaled, "(_:_:_:_:_:_:)", REAL a, IN x, intptr_t step, OUT y, RANGE)

/// y [rows, n]: the vector x [n] is added to the rows first ..< end.
DECLARE(void, addToRows, "(_:_:_:_:_:)", IN x, OUT y, intptr_t n, RANGE)

/// Whether no x[i] of the first n is infinite or NaN.
DECLARE(bool, isFinite, "(_:_:)", IN x, intptr_t n)

/// Σ x[i] y[i] of the first n elements, summed in double.
DECLARE(double, dot, "(_:_:_:)", IN x, IN y, intptr_t n)

/// out[i] = x[i] or 0: each is kept with a probability and then scaled by its inverse, as the random numbers that
/// follow from `state` decide. Applied to the gradient with the same state it is its own backward pass. `out` may be
/// `x`.
DECLARE(void, dropout, "(_:_:_:_:_:_:)", IN x, uint64_t state, REAL keepProbability, OUT out, RANGE)

/// Overflow-safe cross-entropy of independent probabilities, max(x, 0) − x t + log(1 + e^−|x|), and its gradient.
DECLARE(void, sigmoidCrossEntropy, "(_:_:_:_:_:)", IN x, IN t, OUT y, RANGE)
DECLARE(void, sigmoidCrossEntropyGradient, "(_:_:_:_:_:_:_:)", IN x, IN t, IN g, intptr_t step, OUT out, RANGE)

// MARK: Broadcasting arithmetic and reductions: broadcast.c
// Shapes are given as `rank` dimensions each, padded in front with ones.

/// out[i] = a[i] · b[i] for the operation · in the name; comparisons give 1 or 0. Only elements first ..< end are
/// written if each operand has one element or as many as `out`; otherwise all are.
#define BINARY(name)                                                                                    \
  DECLARE(void, name, "(_:_:_:_:_:_:_:_:)", IN a, DIMENSIONS aShape, IN b, DIMENSIONS bShape, OUT out,  \
          intptr_t rank, RANGE)
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
DECLARE(void, select, "(_:_:_:_:_:_:)", IN mask, IN x, IN y, OUT out, RANGE)

/// Σ x[i] for i in first ..< end, in double.
DECLARE(double, total, "(_:_:_:)", IN x, RANGE)

/// out = the sums of x over the axes along which `outShape` is 1; `outShape` equals `xShape` elsewhere.
DECLARE(void, sum, "(_:_:_:_:_:)", IN x, DIMENSIONS xShape, OUT out, DIMENSIONS outShape, intptr_t rank)

/// The same for maxima; a NaN among the elements is the maximum.
DECLARE(void, maximum, "(_:_:_:_:_:)", IN x, DIMENSIONS xShape, OUT out, DIMENSIONS outShape, intptr_t rank)

/// out, of x's shape: g at the first element that is its group's maximum, y, and 0 elsewhere. `g` is used up.
DECLARE(void, maximumGradient, "(_:_:_:_:_:_:_:)", IN x, DIMENSIONS xShape, IN y, OUT g, OUT out, DIMENSIONS outShape,
        intptr_t rank)

/// y [outer, n, inner]: y[:, i] = Σ x[:, j] over j ≤ i, or over j ≥ i if `isReversed`, added up in that order. For the
/// outer ones first ..< end.
DECLARE(void, cumulativeSum, "(_:_:_:_:isReversed:_:_:)", IN x, OUT y, intptr_t n, intptr_t inner, bool isReversed,
        RANGE)

/// out[i…] = x at Σ i_axis · strides[axis]: any permutation of axes, and with strides of 0 repetition. `shape` is
/// out's.
DECLARE(void, permute, "(_:_:_:_:_:)", IN x, const intptr_t *strides, OUT out, DIMENSIONS shape, intptr_t rank)

// MARK: Matrix product: matmul.c

/// c [m, n] = a [m, k] · b [k, n]: those elements of c that are in the part's rows and columns. `a` is stored [k, m]
/// with `transposeA`, `b` [n, k] with `transposeB`.
DECLARE(void, matmul, "(_:_:_:_:_:_:transposeA:transposeB:part:)", IN a, IN b, OUT c, intptr_t m, intptr_t n,
        intptr_t k, bool transposeA, bool transposeB, SliceGradPart part)

// MARK: Rows of classes: softmax.c
// Rows first ..< end of matrices [rows, n].

/// y = e^x / Σ e^x of each row, and the gradient y (g − Σ y g).
DECLARE(void, softmax, "(_:_:_:_:_:)", IN x, OUT y, intptr_t n, RANGE)
DECLARE(void, softmaxGradient, "(_:_:_:_:_:_:)", IN y, IN g, OUT out, intptr_t n, RANGE)

/// y = x − log Σ e^x of each row, and the gradient g − e^y Σ g.
DECLARE(void, logSoftmax, "(_:_:_:_:_:)", IN x, OUT y, intptr_t n, RANGE)
DECLARE(void, logSoftmaxGradient, "(_:_:_:_:_:_:)", IN y, IN g, OUT out, intptr_t n, RANGE)

/// losses [rows] of logits [rows, n] against the classes `labels`: with nll_c = log Σ e^x − x_c and weights w (NULL:
/// all 1, weightSum = n), (1 − s) w_y nll_y + (s / n) Σ_c w_c nll_c for smoothing s. Rows whose label is `ignored` have
/// loss 0. Also fills logSums [rows], log Σ e^(x − the row's maximum), which the gradient takes.
DECLARE(void, softmaxCrossEntropy, "(_:_:_:_:_:_:_:_:_:_:)", IN logits, ROWS labels, MAYBE weights, REAL smoothing,
        int32_t ignored, OUT losses, OUT logSums, intptr_t n, RANGE)

/// out [rows, n] = g[step · row] · ∂loss/∂logits, with a step of 1, or of 0 if g is one number.
DECLARE(void, softmaxCrossEntropyGradient, "(_:_:_:_:_:_:_:_:_:_:_:_:_:)", IN logits, ROWS labels, MAYBE weights, REAL
        weightSum, REAL smoothing, int32_t ignored, IN logSums, IN g, intptr_t step, OUT out, intptr_t n, RANGE)

// MARK: Layer normalization: layer_norm.c

/// y [rows, n] = weight · x̂ + bias with x̂ = (x − mean) · inverseDeviation of each row, 1 / √(variance + epsilon).
/// Fills statistics [rows, 2]: mean and inverse deviation. For rows first ..< end, where first is a multiple of 4.
/// Unless it `centers`, the mean and the variance count as 0 and the mean square.
DECLARE(void, layerNorm, "(_:_:_:_:centers:_:_:_:_:_:)", IN x, IN weight, IN bias, REAL epsilon, bool centers, OUT y,
        OUT statistics, intptr_t n, RANGE)

/// out [rows, n] (NULL: not wanted): with h = weight · g, inverseDeviation · (h − mean(h) − x̂ mean(h x̂)).
/// Rows of g are gStride apart: n, or 0 if they are all the same.
/// The rows are taken in parts of 64, the last one shorter; this is for the parts first ..< end. weightSums and
/// biasSums [parts, n]: Σ over a part's rows of g x̂ and of g. Over more rows, the sums would lose digits in REAL.
DECLARE(void, layerNormGradient, "(_:_:_:_:_:centers:_:_:_:_:_:_:_:)", IN x, IN statistics, IN weight, IN g,
        intptr_t gStride, bool centers, REAL *_Nullable out, OUT weightSums, OUT biasSums, intptr_t rows, intptr_t n,
        RANGE)

// MARK: Batch normalization: batch_norm.c

/// y [rows, n] = weight · x̂ + bias with x̂ = (x − mean) · inverseDeviation of each column, 1 / √(variance + epsilon).
/// Fills statistics [3, n]: mean, variance and inverse deviation. For the columns first ..< end.
DECLARE(void, batchNorm, "(_:_:_:_:_:_:_:_:_:_:)", IN x, IN weight, IN bias, REAL epsilon, OUT y, OUT statistics,
        intptr_t rows, intptr_t n, RANGE)

/// out [rows, n] = weight · inverseDeviation · (g − mean(g) − x̂ mean(g x̂)); weightSums and biasSums [n]: Σ over the
/// rows of g x̂ and of g. For the columns first ..< end.
DECLARE(void, batchNormGradient, "(_:_:_:_:_:_:_:_:_:_:_:)", IN x, IN statistics, IN weight, IN g, OUT out,
        OUT weightSums, OUT biasSums, intptr_t rows, intptr_t n, RANGE)

// MARK: Rows of a table: rows.c
// A table is [v, d]. A bag b holds the positions splits[b] ..< splits[b + 1] of `indices`.

/// out [n, d]: row indices[i] of the table for each i of first ..< end.
DECLARE(void, gather, "(_:_:_:_:_:_:)", IN table, ROWS indices, OUT out, intptr_t d, RANGE)

/// out [b, d]: the sum of each bag's rows, each times its weight if there are any (NULL: 1); 0 for an empty bag. With
/// `isMean` it is divided by the number of rows. For the bags first ..< end.
DECLARE(void, bagSum, "(_:_:_:_:_:_:isMean:_:_:)", IN table, ROWS indices, ROWS splits, MAYBE weights, OUT out,
        intptr_t d, bool isMean, RANGE)

/// out [b, d]: the maximum over each bag's rows, 0 for an empty bag; winners [b, d]: the position it came from (−1).
/// For the bags first ..< end.
DECLARE(void, bagMaximum, "(_:_:_:_:_:_:_:_:)", IN table, ROWS indices, ROWS splits, OUT out, int32_t *winners,
        intptr_t d, RANGE)

/// out [positions] = the dot product of the vector of the bag, a row of x [b, d], and the position's row. For the bags
/// first ..< end.
DECLARE(void, bagDotProducts, "(_:_:_:_:_:_:_:_:)", IN table, ROWS indices, ROWS splits, IN x, OUT out, intptr_t d,
        RANGE)

/// out [b, d]: each row of x divided by the length of its bag; rows of empty bags stay. For the bags first ..< end.
DECLARE(void, divideByBagLength, "(_:_:_:_:_:_:)", IN x, ROWS splits, OUT out, intptr_t d, RANGE)

/// Sums up for each of the rows first ..< end its uses: a use at position p, in bag b, counts weights[p] · g[b] (NULL:
/// 1 · g[b]), a row of g [bags, d]. Without bags it counts g[p].
DECLARE(void, mergeRows, "(_:_:_:_:_:_:_:)", IN g, SliceGradUses uses, MAYBE weights, OUT out, intptr_t d, RANGE)

/// The same for maxima: of g[b], a use counts the elements that its position has won, winners[b, j] = p.
DECLARE(void, mergeMaxima, "(_:_:_:_:_:_:_:)", IN g, SliceGradUses uses, ROWS winners, OUT out, intptr_t d, RANGE)

/// Adds weight · g[i], a row of [n, d], to the row rows[i] of out.
DECLARE(void, addRows, "(_:_:_:_:_:_:)", IN g, ROWS rows, REAL weight, OUT out, intptr_t n, intptr_t d)

/// Adds g[b, j], an element of [bags, d], to the row of its winner, out[winners[b, j], j]; none if that is −1.
DECLARE(void, addToWinners, "(_:_:_:_:_:)", IN g, ROWS winners, OUT out, intptr_t bags, intptr_t d)

// MARK: Distances between vectors and rows of a table: distances.c
// Vector b, a row of x [vectors, d], is compared with the rows that are listed for it.

/// out [positions]: the distance of each position's row and vector. For the vectors first ..< end.
DECLARE(void, distances, "(_:_:_:_:_:_:_:_:)", IN table, SliceGradLists lists, IN x, SliceGradDistance kind, OUT out,
        intptr_t d, RANGE)

/// out [vectors, d]: Σ over the vector's positions of g [positions] · ∂distance/∂x, which is 0 where both are equal.
/// For the vectors first ..< end.
DECLARE(void, distanceGradient, "(_:_:_:_:_:_:_:_:_:_:)", IN table, SliceGradLists lists, IN x, IN g, IN distances,
        SliceGradDistance kind, OUT out, intptr_t d, RANGE)

/// out [rows, d]: Σ over the vectors of g [vectors, rows] · ∂distance/∂row, for the rows first ..< end of the table.
DECLARE(void, distanceRowGradient, "(_:_:_:_:_:_:_:_:_:_:_:)", IN table, IN x, IN g, IN distances, SliceGradDistance
        kind, OUT out, intptr_t vectors, intptr_t rows, intptr_t d, RANGE)

/// Sums up for each of the rows first ..< end its uses: one at position p, in the list of vector b, counts
/// g[p] · ∂distance/∂row.
DECLARE(void, mergeDistances, "(_:_:_:_:_:_:_:_:_:_:)", IN table, SliceGradUses uses, IN x, IN g, IN distances,
        SliceGradDistance kind, OUT out, intptr_t d, RANGE)

// MARK: Recurrent layers: recurrence.c
// Of n elements in b sequences. A state is one row of h columns (GRU) or two (LSTM: the hidden state and the cell).
// Those of b sequences are [b, h] or [2 b, h], first all hidden states. There are q h gates: r, z, n or i, f, g, o.
// Each function does what belongs to the sequences that are taken.

/// outputs [n, h] and, behind them, the final states; saved [n, 4 h or 5 h] for the way back. `inputs` [n, q h] are the
/// gates from the inputs, `bias` [q h] is added to those from the states. weight [h, q h], or [q h, h] if it is to be
/// transposed.
DECLARE(void, recurrence, "(_:_:_:transposesWeight:_:_:_:_:)", SliceGradRecurrence recurrence, IN inputs, IN weight,
        bool transposesWeight, IN bias, IN initial, OUT outputs, OUT saved)

/// One element x [b, inputs] for each of b sequences, without a way back: the states [b, h] and, of LSTM, the cells
/// [b, h] of sequences first ..< end become those after it. Both weights are transposed: [inputs, q h] and [h, q h].
DECLARE(void, recurrentStep, "(_:_:_:_:_:_:_:_:_:_:_:_:)", SliceGradCell kind, IN x, IN inputWeight, IN inputBias,
        IN stateWeight, IN stateBias, OUT state, REAL *_Nullable cell, intptr_t inputs, intptr_t h, RANGE)

/// From g, the gradient of outputs and final states, to those of the inputs and of the gates from the states, [n, q h]
/// both, and of the initial states. For LSTM the first two are the same, and recurrentSlope isn't used. before [n, h]:
/// the hidden state before each element. weight [q h, h].
DECLARE(void, recurrenceGradient, "(_:_:_:_:_:_:_:_:_:_:)", SliceGradRecurrence recurrence, IN g, IN weight, IN initial,
        IN outputs, IN saved, OUT inputSlope, OUT recurrentSlope, OUT before, OUT initialSlope)

// MARK: Attention: attention.c
// Of n queries and m keys and values. For the heads first ..< end, of all sequences.

/// outputs [n, heads · valueWidth] = softmax(queries keysᵀ / √width) values for each head; 0 where there is no key.
/// saved [n, heads, 2] for the way back: the maximum of the scores, and 1 / Σ e^((score − maximum) / √width).
DECLARE(void, attention, "(_:_:_:_:_:_:_:_:)", SliceGradAttention attention, IN queries, IN keys, IN values,
        OUT outputs, OUT saved, RANGE)

/// From g, the gradient of the outputs, to those of queries, keys and values, with the strides of these.
DECLARE(void, attentionGradient, "(_:_:_:_:_:_:_:_:_:_:_:_:)", SliceGradAttention attention, IN queries, IN keys,
        IN values, IN outputs, IN saved, IN g, OUT querySlope, OUT keySlope, OUT valueSlope, RANGE)

// MARK: Linear-chain conditional random fields: linear_chain.c
// Of n elements in sequences and k tags. Sequence s is the elements splits[s] ..< splits[s + 1], each of which has a
// tag, tags[i]; a call is for the sequences first ..< end. transitions [k, k] from the row's tag to the column's.

/// losses[s]: log Σ e^score over all tags of the sequence, less the score of its own if there are `tags`; 0 for an
/// empty one. forward [n, k], for the way back: the logarithms of the sums up to each element, less their maximum.
DECLARE(void, chainLosses, "(_:_:_:_:_:_:_:_:_:_:_:)", IN emissions, IN transitions, IN starts, IN ends, ROWS splits,
        MAYBE_ROWS tags, OUT losses, OUT forward, intptr_t k, RANGE)

/// From g, that of the losses, to the gradients of emissions [n, k], and to sums [k + 2, k] over the sequences: those
/// of transitions, starts and ends. With g = 1 and without tags, the first are the probabilities of the tags.
DECLARE(void, chainGradient, "(_:_:_:_:_:_:_:_:_:_:_:)", IN transitions, ROWS splits, MAYBE_ROWS tags, IN forward, IN g,
        intptr_t step, OUT emissionSlopes, OUT sums, intptr_t k, RANGE)

/// tags [n]: those with the highest score, of several the ones whose last tag is the least, then the one before it …;
/// scores[s]: this score, 0 for an empty sequence.
DECLARE(void, chainBest, "(_:_:_:_:_:_:_:_:_:_:)", IN emissions, IN transitions, IN starts, IN ends, ROWS splits,
        int32_t *tags, OUT scores, intptr_t k, RANGE)

// MARK: Updates of parameters: optimizers.c, adam.c
// Of a whole buffer p, or of some rows of a table p [v, d]; the gradient g [n, d] has a row for each of rows.rows. What
// is computed stands there, before each rule's function.

#define RULE(name, Step, ...)  \
  DECLARE(void, name, "(_:_:_:_:_:)", OUT p, IN g, SliceGradRows rows, Step step, intptr_t d)
SLICEGRAD_RULES
#undef RULE

/// With `isPerRow` each row has coefficients of its own, steps[i] for rows.rows[i]; otherwise steps[0] is for all. Rows
/// have an m if `hasFirst`, which they need unless β₁ is 0. With `sharesSecond` a row has one v for all its columns.
DECLARE(void, adam, "(_:_:_:_:isPerRow:hasFirst:sharesSecond:_:)", OUT p, IN g, SliceGradRows rows,
        const SliceGradAdam *steps, bool isPerRow, bool hasFirst, bool sharesSecond, intptr_t d)

/// Does to rows of a table what Adam would have done in the steps that they have missed: missed[kinds[i]] says what,
/// for rows.rows[i]. Steps that are gone through one by one are those of `steps`.
DECLARE(void, catchUp, "(_:_:_:_:_:hasFirst:sharesSecond:_:)", OUT p, SliceGradRows rows, const SliceGradMissed *missed,
        ROWS kinds, const SliceGradAdam *steps, bool hasFirst, bool sharesSecond, intptr_t d)

/// a[i] += weight (x[i] − a[i]) for a weight in 0...1
DECLARE(void, lerp, "(_:_:_:_:)", OUT a, IN x, REAL weight, intptr_t n)
/// The same for rows of two tables, after each has moved towards what its row of x was when it was last seen, with the
/// weight missed[i] for rows.rows[i]. A row's state is that row of x [d], which is noted anew.
DECLARE(void, lerpRows, "(_:_:_:_:_:_:)", OUT table, IN x, SliceGradRows rows, IN missed, REAL weight, intptr_t d)

// MARK: Random numbers: random.c
// Element i follows from state + i · γ alone: the same numbers on every platform.

/// out[i] uniform in low ..< high.
DECLARE(void, uniform, "(_:_:_:_:_:)", uint64_t state, REAL low, REAL high, OUT out, intptr_t n)

/// out[i] normally distributed.
DECLARE(void, normal, "(_:_:_:_:_:)", uint64_t state, REAL mean, REAL standardDeviation, OUT out, intptr_t n)

#pragma clang assume_nonnull end
