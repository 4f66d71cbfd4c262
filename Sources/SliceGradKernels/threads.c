/// A pool of threads that share the pieces of one job after another.
///
/// A training step hands out work every few microseconds. Waking a sleeping thread takes tens of them, so that the
/// pool's threads look out for more work for a moment before they fall asleep. (Dispatch's `concurrentPerform` does
/// not: work of 150 µs took 90 to 125 µs on two cores with it, and 80 with this pool.)
#define _GNU_SOURCE  // for sched_getaffinity
#include "SliceGradKernels.h"
#include "environment.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { most_threads = 256, patience = 250000 };  // nanoseconds

static atomic_int thread_count;  // 0: not yet chosen

// The current work. A thread reads `next`, then the other fields, and then takes a piece by raising `next` from the
// value that it has read. As `next` holds the work's number too, this succeeds only if the work is still the same one
// and has pieces left; it then lasts at least until this piece is done.
static _Atomic(slicegrad_piece_body) body;
static _Atomic(void *) context;
static atomic_intptr_t piece_count;
static atomic_uint_fast64_t next = UINT32_MAX;  // the work's number · 2³² + the number of the next piece
static atomic_intptr_t done;

static pthread_mutex_t owner = PTHREAD_MUTEX_INITIALIZER;  // held by the thread whose work this is
static pthread_mutex_t sleep_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake_up = PTHREAD_COND_INITIALIZER;  // there is other work
static pthread_cond_t call_up = PTHREAD_COND_INITIALIZER;  // more workers are wanted
static atomic_int sleepers;  // those that wait for other work
static int worker_count;  // guarded by `owner`
static atomic_bool may_spin;

static _Thread_local intptr_t pieces_handed_in;

static int processor_count(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static int64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static uint64_t number_of(uint64_t ticket) { return ticket >> 32; }

/// Does pieces of the current work until none is left. Returns the work's number.
static uint64_t take_part(void) {
  for (;;) {
    uint64_t ticket = atomic_load(&next);
    const slicegrad_piece_body run = atomic_load(&body);
    void *argument = atomic_load(&context);
    const intptr_t piece = (intptr_t)(ticket & UINT32_MAX);
    if (piece >= atomic_load(&piece_count)) return number_of(ticket);
    if (!atomic_compare_exchange_strong(&next, &ticket, ticket + 1)) continue;
    run(argument, piece);
    atomic_fetch_add(&done, 1);
  }
}

/// Waits a moment for the work to be another one than `finished`.
static bool looks_out(uint64_t finished) {
  const int64_t end = nanoseconds() + patience;
  while (atomic_load(&may_spin)) {
    for (int i = 0; i < 50; i++) {
      if (number_of(atomic_load(&next)) != finished) return true;
      pause_briefly();
    }
    if (nanoseconds() > end) break;
  }
  return false;
}

static bool is_wanted(intptr_t worker) { return worker < atomic_load(&thread_count) - 1; }

/// The life of a worker, whose number is `argument`. Those from the wanted number on sleep until more are wanted, where
/// work doesn't wake them.
static void *work(void *argument) {
  const intptr_t worker = (intptr_t)argument;
  for (;;) {
    if (!is_wanted(worker)) {
      pthread_mutex_lock(&sleep_lock);
      while (!is_wanted(worker)) pthread_cond_wait(&call_up, &sleep_lock);
      pthread_mutex_unlock(&sleep_lock);
    }
    const uint64_t finished = take_part();
    if (looks_out(finished)) continue;
    pthread_mutex_lock(&sleep_lock);
    atomic_fetch_add(&sleepers, 1);
    while (number_of(atomic_load(&next)) == finished) pthread_cond_wait(&wake_up, &sleep_lock);
    atomic_fetch_sub(&sleepers, 1);
    pthread_mutex_unlock(&sleep_lock);
  }
  return NULL;
}

/// The number that the environment asks for; 0 if it asks for none. Ends the program for what is no such number.
static int wanted_count(void) {
  const char *wanted = getenv("SLICEGRAD_THREADS");
  if (!wanted) return 0;
  char *end;
  const long number = strtol(wanted, &end, 10);
  if (end == wanted || *end || number < 1 || number > most_threads) {
    begin_refusal("SLICEGRAD_THREADS", wanted);
    fprintf(stderr, "a number in 1...%d\n", most_threads);
    exit(EXIT_FAILURE);
  }
  return (int)number;
}

/// A program whose work is too small to be shared would never ask.
__attribute__((constructor)) static void check_at_start(void) { wanted_count(); }

intptr_t slicegrad_thread_count(void) {
  int count = atomic_load(&thread_count);
  if (count > 0) return count;
  count = wanted_count();
  if (count == 0) count = processor_count();
  slicegrad_set_thread_count(count < most_threads ? count : most_threads);
  return atomic_load(&thread_count);
}

void slicegrad_set_thread_count(intptr_t count) {
  atomic_store(&may_spin, count <= processor_count());
  if (atomic_exchange(&thread_count, (int)count) >= count) return;
  pthread_mutex_lock(&sleep_lock);
  pthread_cond_broadcast(&call_up);
  pthread_mutex_unlock(&sleep_lock);
}

/// In a forked process there is only the thread that forked. It has no workers, and locks that others held stay locked
/// for ever: all begins anew.
static void begin_anew_in_child(void) {
  owner = sleep_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
  wake_up = call_up = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
  atomic_store(&sleepers, 0);
  atomic_store(&next, number_of(atomic_load(&next)) << 32 | UINT32_MAX);  // no piece is left
  worker_count = 0;
}

intptr_t slicegrad_pieces_handed_in(void) { return pieces_handed_in; }

void slicegrad_for_each_piece(intptr_t pieces, void *argument, slicegrad_piece_body run) {
  const intptr_t threads = slicegrad_thread_count();
  pieces_handed_in += pieces;
  if (pieces < 2 || threads < 2 || pthread_mutex_trylock(&owner) != 0) {
    for (intptr_t piece = 0; piece < pieces; piece++) run(argument, piece);
    return;
  }
  static bool is_ready_for_fork;  // guarded by `owner`
  if (!is_ready_for_fork) is_ready_for_fork = pthread_atfork(NULL, NULL, begin_anew_in_child) == 0;
  while (worker_count < threads - 1) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, (void *)(intptr_t)worker_count) != 0) break;
    pthread_detach(thread);
    worker_count++;
  }
  const uint64_t number = number_of(atomic_load(&next)) + 1;
  atomic_store(&next, (number - 1) << 32 | UINT32_MAX);  // no piece to take while the fields change
  atomic_store(&body, run);
  atomic_store(&context, argument);
  atomic_store(&piece_count, pieces);
  atomic_store(&done, 0);
  atomic_store(&next, number << 32);
  if (atomic_load(&sleepers) > 0) {
    pthread_mutex_lock(&sleep_lock);
    pthread_cond_broadcast(&wake_up);
    pthread_mutex_unlock(&sleep_lock);
  }
  take_part();
  for (int i = 0; atomic_load(&done) < pieces; i++) {
    if (i < 1000 && atomic_load(&may_spin)) pause_briefly();
    else sched_yield();
  }
  pthread_mutex_unlock(&owner);
}
