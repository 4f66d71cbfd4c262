/// Gated recurrent layers: the loop over the time, with the cells of GRU and LSTM, and the way back through it.
///
/// The sequences of a batch advance together. At each time the states of those that aren't at their end yet are one
/// matrix: sequences are taken in the order of their lengths, the longest first, so that these are its first rows. One
/// product gives their recurrent gates, and the cell does the rest for a sequence at a time. On the way back the same
/// steps are taken in reverse, with the states' gradients in place of the states.
///
/// A product over all elements of all sequences is left to the caller where there can be one: before the loop the gates
/// that follow from the inputs, after it the gradients of weights.
#include "kernel_template.h"
#ifdef REAL
#include "elementary_functions.h"
#include "product.h"

// MARK: Cells. Of a sequence, at one time: x are the gates from the input, r those from the state.

/// r = σ(xᵣ + rᵣ), z = σ(x_z + r_z), n = tanh(xₙ + r · rₙ), h ← (1 − z) n + z h. Saves r, z, n and rₙ.
INLINED void KERNEL(gru)(const REAL *restrict x, const REAL *restrict recurrent, const REAL *restrict bias,
                         REAL *restrict state, REAL *restrict saved, intptr_t h) {
  for (intptr_t j = 0; j < h; j++) {
    const REAL candidate = recurrent[2 * h + j] + bias[2 * h + j];
    const REAL reset = real_sigmoid(x[j] + (recurrent[j] + bias[j]));
    const REAL update = real_sigmoid(x[h + j] + (recurrent[h + j] + bias[h + j]));
    const REAL new = real_tanh(x[2 * h + j] + reset * candidate);
    saved[j] = reset;
    saved[h + j] = update;
    saved[2 * h + j] = new;
    saved[3 * h + j] = candidate;
    state[j] = new + update * (state[j] - new);
  }
}

/// From the gradient g of the new state to those of the gates, from the input and from the state. In place of g comes
/// the part of the old state's that doesn't go through the gates.
INLINED void KERNEL(gruGradient)(const REAL *restrict saved, const REAL *restrict before, REAL *restrict g,
                                 REAL *restrict x, REAL *restrict recurrent, intptr_t h) {
  for (intptr_t j = 0; j < h; j++) {
    const REAL reset = saved[j], update = saved[h + j], new = saved[2 * h + j], candidate = saved[3 * h + j];
    const REAL ofUpdate = g[j] * (before[j] - new) * (update * (1 - update));
    const REAL ofNew = g[j] * (1 - update) * (1 - new * new);
    const REAL ofReset = ofNew * candidate * (reset * (1 - reset));
    x[j] = recurrent[j] = ofReset;
    x[h + j] = recurrent[h + j] = ofUpdate;
    x[2 * h + j] = ofNew;
    recurrent[2 * h + j] = ofNew * reset;
    g[j] = g[j] * update;
  }
}

/// i = σ(xᵢ + rᵢ), f = σ(x_f + r_f), g = tanh(x_g + r_g), o = σ(xₒ + rₒ), c ← f c + i g, h ← o tanh c. Saves i, f, g, o
/// and c.
INLINED void KERNEL(lstm)(const REAL *restrict x, const REAL *restrict recurrent, const REAL *restrict bias,
                          REAL *restrict state, REAL *restrict cell, REAL *restrict saved, intptr_t h) {
  for (intptr_t j = 0; j < h; j++) {
    const REAL input = real_sigmoid(x[j] + (recurrent[j] + bias[j]));
    const REAL forget = real_sigmoid(x[h + j] + (recurrent[h + j] + bias[h + j]));
    const REAL new = real_tanh(x[2 * h + j] + (recurrent[2 * h + j] + bias[2 * h + j]));
    const REAL output = real_sigmoid(x[3 * h + j] + (recurrent[3 * h + j] + bias[3 * h + j]));
    const REAL after = forget * cell[j] + input * new;
    saved[j] = input;
    saved[h + j] = forget;
    saved[2 * h + j] = new;
    saved[3 * h + j] = output;
    saved[4 * h + j] = cell[j] = after;
    state[j] = output * real_tanh(after);
  }
}

/// The same way back for LSTM. The cell's gradient becomes that of the cell before; g doesn't count any more.
INLINED void KERNEL(lstmGradient)(const REAL *restrict saved, const REAL *restrict before, const REAL *restrict g,
                                  REAL *restrict cell, REAL *restrict x, intptr_t h) {
  for (intptr_t j = 0; j < h; j++) {
    const REAL input = saved[j], forget = saved[h + j], new = saved[2 * h + j], output = saved[3 * h + j];
    const REAL root = real_tanh(saved[4 * h + j]);
    const REAL ofCell = cell[j] + g[j] * output * (1 - root * root);
    x[j] = ofCell * new * (input * (1 - input));
    x[h + j] = ofCell * before[j] * (forget * (1 - forget));
    x[2 * h + j] = ofCell * input * (1 - new * new);
    x[3 * h + j] = g[j] * root * (output * (1 - output));
    cell[j] = ofCell * forget;
  }
}

// MARK: The loop

#define SHAPES                                                                                          \
  const bool isLSTM = r.cell == SliceGradLSTM;                                                          \
  const intptr_t h = r.hidden, gates = (isLSTM ? 4 : 3) * h, kept = (isLSTM ? 5 : 4) * h;               \
  const intptr_t total = r.splits[r.count], cells = r.count * h;  /* elements of all; the first cell */ \
  (void)kept, (void)cells;

/// The place of a sequence's element at a time, and of the one before it.
#define PLACE(s, t) (r.isReversed ? r.splits[(s) + 1] - 1 - (t) : r.splits[s] + (t))
#define LENGTH(s) (r.splits[(s) + 1] - r.splits[s])

void KERNEL(recurrence)(SliceGradRecurrence r, IN inputs, IN weight, bool transposesWeight, IN bias, IN initial,
                        OUT outputs, OUT saved) {
  SHAPES
  const intptr_t scratch = r.taken * (gates + 2 * h) * (intptr_t)sizeof(REAL);
  REAL *states = slicegrad_allocate(scratch), *cell = states + r.taken * h, *recurrent = cell + r.taken * h;
  for (intptr_t i = 0; i < r.taken; i++) {
    memcpy(states + i * h, initial + r.order[i] * h, (size_t)h * sizeof(REAL));
    if (isLSTM) memcpy(cell + i * h, initial + cells + r.order[i] * h, (size_t)h * sizeof(REAL));
  }
  const KERNEL(Matrix) factor = {weight, transposesWeight ? h : gates, transposesWeight};
  intptr_t active = r.taken;
  for (intptr_t t = 0; ; t++) {
    while (active > 0 && LENGTH(r.order[active - 1]) <= t) active--;
    if (active == 0) break;
    KERNEL(product)((KERNEL(Matrix)){states, h, false}, factor, recurrent, gates, active, gates, h, false);
    for (intptr_t i = 0; i < active; i++) {
      const intptr_t place = PLACE(r.order[i], t);
      const REAL *x = inputs + place * gates, *gate = recurrent + i * gates;
      if (isLSTM) {
        KERNEL(lstm)(x, gate, bias, states + i * h, cell + i * h, saved + place * kept, h);
      } else {
        KERNEL(gru)(x, gate, bias, states + i * h, saved + place * kept, h);
      }
      memcpy(outputs + place * h, states + i * h, (size_t)h * sizeof(REAL));
    }
  }
  REAL *final = outputs + total * h;
  for (intptr_t i = 0; i < r.taken; i++) {
    memcpy(final + r.order[i] * h, states + i * h, (size_t)h * sizeof(REAL));
    if (isLSTM) memcpy(final + cells + r.order[i] * h, cell + i * h, (size_t)h * sizeof(REAL));
  }
  slicegrad_release(states, scratch);
}

void KERNEL(recurrentStep)(SliceGradCell kind, IN x, IN inputWeight, IN inputBias, IN stateWeight, IN stateBias,
                           OUT state, REAL *cell, intptr_t inputs, intptr_t h, RANGE) {
  const intptr_t gates = (kind == SliceGradLSTM ? 4 : 3) * h, kept = (kind == SliceGradLSTM ? 5 : 4) * h;
  const intptr_t rows = end - first, scratch = (2 * rows * gates + kept) * (intptr_t)sizeof(REAL);
  REAL *fromInputs = slicegrad_allocate(scratch), *fromStates = fromInputs + rows * gates;
  REAL *saved = fromStates + rows * gates;  // what only a way back would read
  KERNEL(product)((KERNEL(Matrix)){x + first * inputs, inputs, false}, (KERNEL(Matrix)){inputWeight, gates, false},
                   fromInputs, gates, rows, gates, inputs, false);
  KERNEL(product)((KERNEL(Matrix)){state + first * h, h, false}, (KERNEL(Matrix)){stateWeight, gates, false},
                   fromStates, gates, rows, gates, h, false);
  for (intptr_t i = 0; i < rows; i++) {
    REAL *restrict input = fromInputs + i * gates, *row = state + (first + i) * h;
    for (intptr_t j = 0; j < gates; j++) input[j] += inputBias[j];
    if (kind == SliceGradLSTM) {
      KERNEL(lstm)(input, fromStates + i * gates, stateBias, row, cell + (first + i) * h, saved, h);
    } else {
      KERNEL(gru)(input, fromStates + i * gates, stateBias, row, saved, h);
    }
  }
  slicegrad_release(fromInputs, scratch);
}

void KERNEL(recurrenceGradient)(SliceGradRecurrence r, IN g, IN weight, IN initial, IN outputs, IN saved,
                                OUT inputSlope, OUT recurrentSlope, OUT before, OUT initialSlope) {
  SHAPES
  const intptr_t scratch = r.taken * (gates + 2 * h) * (intptr_t)sizeof(REAL);
  REAL *states = slicegrad_allocate(scratch), *cell = states + r.taken * h, *step = cell + r.taken * h;
  const REAL *final = g + total * h;
  for (intptr_t i = 0; i < r.taken; i++) {
    memcpy(states + i * h, final + r.order[i] * h, (size_t)h * sizeof(REAL));
    if (isLSTM) memcpy(cell + i * h, final + cells + r.order[i] * h, (size_t)h * sizeof(REAL));
  }
  intptr_t active = 0;
  for (intptr_t t = r.taken > 0 ? LENGTH(r.order[0]) - 1 : -1; t >= 0; t--) {
    while (active < r.taken && LENGTH(r.order[active]) > t) active++;
    for (intptr_t i = 0; i < active; i++) {
      const intptr_t s = r.order[i], place = PLACE(s, t), last = r.isReversed ? place + 1 : place - 1;
      const REAL *state_before = t > 0 ? outputs + last * h : initial + s * h;
      REAL *state = states + i * h, *x = inputSlope + place * gates, *gate = step + i * gates;
      memcpy(before + place * h, state_before, (size_t)h * sizeof(REAL));
      for (intptr_t j = 0; j < h; j++) state[j] += g[place * h + j];
      if (isLSTM) {
        const REAL *cell_before = t > 0 ? saved + last * kept + 4 * h : initial + cells + s * h;
        KERNEL(lstmGradient)(saved + place * kept, cell_before, state, cell + i * h, x, h);
        memcpy(gate, x, (size_t)gates * sizeof(REAL));
      } else {
        KERNEL(gruGradient)(saved + place * kept, state_before, state, x, gate, h);
        memcpy(recurrentSlope + place * gates, gate, (size_t)gates * sizeof(REAL));
      }
    }
    KERNEL(product)((KERNEL(Matrix)){step, gates, false}, (KERNEL(Matrix)){weight, h, false}, states, h, active, h,
                     gates, !isLSTM);
  }
  for (intptr_t i = 0; i < r.taken; i++) {
    memcpy(initialSlope + r.order[i] * h, states + i * h, (size_t)h * sizeof(REAL));
    if (isLSTM) memcpy(initialSlope + cells + r.order[i] * h, cell + i * h, (size_t)h * sizeof(REAL));
  }
  slicegrad_release(states, scratch);
}

#endif
