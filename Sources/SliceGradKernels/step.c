/// The steps that a thread records, innermost first. There is one pointer per thread, because a step is recorded by the
/// thread that began it, from its first operation to its last.
#include "SliceGradKernels.h"
#include <stdatomic.h>

static _Thread_local const SliceGradStep *innermost;
static atomic_intptr_t steps;

intptr_t slicegrad_next_step_number(void) { return atomic_fetch_add_explicit(&steps, 1, memory_order_relaxed) + 1; }

const SliceGradStep *slicegrad_innermost_step(void) { return innermost; }

void slicegrad_set_innermost_step(const SliceGradStep *step) { innermost = step; }
