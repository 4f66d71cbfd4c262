/// Memory for tensors, kept for the next tensor of its size.
///
/// A training step makes and drops the same sizes again and again. The system's allocator hands large blocks back to
/// the operating system, which then has to clear each of their pages when they are next touched: on layer normalization
/// of [256, 512] that was six sevenths of the time. Here a dropped block goes to the shelf of its size.
///
/// The gradient of a table has as many rows as a step happens to read. So that not every size of it leaves a block of
/// its own, sizes from 2 to 64 MiB are powers of 2. What no tensor has touched of a block takes no memory.
///
/// Large blocks are asked for in pages of 2 MiB where the operating system lets programs choose, as reading single rows
/// of a large table is bound by looking up the pages that they are on.
#include "SliceGradKernels.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

enum {
  line_bytes = 64,
  steps_a_doubling = 4,                 // sizes are 4, 5, 6 and 7 times a power of 2: at most 1/4 is unused
  coarse_block = 2 << 20,               // from here on only 4 times
  shelf_count = 19 * steps_a_doubling,  // up to 64 MiB
  small_block = 64 << 10,
  small_shelf_limit = 1 << 20,          // bytes on one shelf of small blocks
  large_shelves_limit = 256 << 20,      // bytes on all shelves of large ones, counted as the blocks' sizes
  huge_page = 2 << 20,
};

/// Free blocks of one size, linked through their first words. Whoever finds a shelf in use does without it, so that
/// nobody waits.
typedef struct {
  atomic_flag is_in_use;
  void *first;
  intptr_t block_bytes, bytes;  // of one block and of all
  intptr_t last_release;        // which of all releases of large blocks was the last one to this shelf
} shelf;

static shelf shelves[shelf_count];
static atomic_intptr_t large_bytes, large_releases;

/// Whether the shelf is the caller's now, until it is left.
static bool enter(shelf *s) { return !atomic_flag_test_and_set_explicit(&s->is_in_use, memory_order_acquire); }
static void leave(shelf *s) { atomic_flag_clear_explicit(&s->is_in_use, memory_order_release); }

/// Takes a block from an entered shelf, NULL if there is none.
static void *take(shelf *s) {
  void *block = s->first;
  if (!block) return NULL;
  s->first = *(void **)block;
  s->bytes -= s->block_bytes;
  if (s->block_bytes > small_block) atomic_fetch_sub_explicit(&large_bytes, s->block_bytes, memory_order_relaxed);
  return block;
}

/// Puts a block on an entered shelf.
static void put(shelf *s, void *block, intptr_t block_bytes) {
  *(void **)block = s->first;
  s->first = block;
  s->block_bytes = block_bytes;
  s->bytes += block_bytes;
  if (block_bytes <= small_block) return;
  s->last_release = atomic_fetch_add_explicit(&large_releases, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&large_bytes, block_bytes, memory_order_relaxed);
}

/// Whether a block has pages of its own. In the C library's heap, the gaps between such blocks would fill with what is
/// needed for a moment, and stay in memory as long as the blocks.
static bool has_own_pages(intptr_t bytes) { return bytes >= 2 * huge_page; }

static intptr_t in_huge_pages(intptr_t bytes) { return (bytes + huge_page - 1) / huge_page * huge_page; }

/// Pages that begin where a huge one does, NULL if there are none.
static void *map_pages(intptr_t bytes) {
  const intptr_t wanted = in_huge_pages(bytes), mapped = wanted + huge_page;
  char *const first = mmap(NULL, (size_t)mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (first == MAP_FAILED) return NULL;
  const intptr_t before = (intptr_t)(-(uintptr_t)first % huge_page), after = huge_page - before;
  if (before) munmap(first, (size_t)before);
  munmap(first + before + wanted, (size_t)after);
#if defined(__linux__)
  madvise(first + before, (size_t)(bytes / huge_page * huge_page), MADV_HUGEPAGE);
#endif
  return first + before;
}

static void *allocate_from_system(intptr_t bytes) {
  void *block = NULL;
  if (has_own_pages(bytes)) {
    block = map_pages(bytes);
  } else if (posix_memalign(&block, line_bytes, (size_t)bytes) != 0) {
    block = NULL;
  }
  if (!block) {
    fprintf(stderr, "Fatal error: there is no memory for a tensor of %td bytes\n", bytes);
    abort();
  }
  return block;
}

static void release_to_system(void *block, intptr_t bytes) {
  if (has_own_pages(bytes)) {
    munmap(block, (size_t)in_huge_pages(bytes));
  } else {
    free(block);
  }
}

/// Whether there is room for a block on its shelf. For a large one, blocks of the other sizes go, first of that which
/// was released longest ago: what a program doesn't use any more must not keep what it uses from being kept.
static bool make_room(const shelf *own, intptr_t block_bytes) {
  if (block_bytes <= small_block) return own->bytes + block_bytes <= small_shelf_limit;
  while (atomic_load_explicit(&large_bytes, memory_order_relaxed) + block_bytes > large_shelves_limit) {
    shelf *oldest = NULL;
    intptr_t release = INTPTR_MAX;
    for (shelf *s = shelves; s < shelves + shelf_count; s++) {
      if (s == own || !enter(s)) continue;
      if (s->first && s->block_bytes > small_block && s->last_release < release) {
        oldest = s;
        release = s->last_release;
      }
      leave(s);
    }
    if (!oldest || !enter(oldest)) return false;
    void *block = take(oldest);
    const intptr_t bytes = oldest->block_bytes;
    leave(oldest);
    release_to_system(block, bytes);
  }
  return true;
}

/// The number of the shelf for blocks of at least this size, perhaps beyond the last one, and their size.
static intptr_t shelf_number(intptr_t bytes, intptr_t *block_bytes) {
  const uintptr_t lines = (uintptr_t)(bytes + line_bytes - 1) / line_bytes;
  if (lines < steps_a_doubling) {
    *block_bytes = (lines ? lines : 1) * line_bytes;
    return *block_bytes / line_bytes - 1;
  }
  // lines − 1 is 4 to 7 times 2^scale and something below 2^scale: one step up holds it.
  const int highest_bit = 63 - __builtin_clzll(lines - 1), scale = highest_bit > 2 ? highest_bit - 2 : 0;
  uintptr_t steps = ((lines - 1) >> scale) + 1;
  if (bytes > coarse_block) steps = 2 * steps_a_doubling;
  *block_bytes = (intptr_t)(steps << scale) * line_bytes;
  return scale * steps_a_doubling + (intptr_t)steps - 1;
}

void *slicegrad_allocate(intptr_t bytes) {
  intptr_t block_bytes;
  const intptr_t number = shelf_number(bytes, &block_bytes);
  if (number >= shelf_count) return allocate_from_system(bytes);
  shelf *s = &shelves[number];
  if (enter(s)) {
    void *block = take(s);
    leave(s);
    if (block) return block;
  }
  return allocate_from_system(block_bytes);
}

void slicegrad_release(void *block, intptr_t bytes) {
  intptr_t block_bytes;
  const intptr_t number = shelf_number(bytes, &block_bytes);
  if (number >= shelf_count) {
    release_to_system(block, bytes);
    return;
  }
  shelf *s = &shelves[number];
  if (enter(s)) {
    const bool has_room = make_room(s, block_bytes);
    if (has_room) put(s, block, block_bytes);
    leave(s);
    if (has_room) return;
  }
  release_to_system(block, block_bytes);
}

void slicegrad_give_back_free_memory(void) {
  for (shelf *s = shelves; s < shelves + shelf_count; s++) {
    if (!enter(s)) continue;
    for (void *block = take(s); block; block = take(s)) release_to_system(block, s->block_bytes);
    leave(s);
  }
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}
