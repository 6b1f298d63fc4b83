#define _GNU_SOURCE
#include "CTeam.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

/// Looks before a thread sleeps: some fifty microseconds, which is what it takes to wake it.
enum { LOOKS = 2000 };

/// A number that only rises, and on which threads wait for it to rise.
typedef struct {
  _Alignas(64) _Atomic uint32_t value;
  _Atomic uint32_t sleepers;
} turnstile;

/// What has been taken of a thread's share.
typedef struct {
  _Alignas(64) _Atomic size_t taken;
} share;

struct ck_team {
  turnstile start, pass;
  _Alignas(64) _Atomic size_t arrived;
  _Alignas(64) _Atomic size_t taken;
  _Alignas(64) size_t threads;
  size_t started;  ///< threads beside the caller's
  pthread_t *handles;
  share *shares;
  void (*body)(void *context, size_t thread);  ///< NULL ends the threads
  void *context;
};

typedef struct {
  ck_team *team;
  size_t thread;
} worker;

static void look_again(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Waits until the value is no longer `seen`.
static void wait(turnstile *t, uint32_t seen) {
  for (int i = 0; i < LOOKS; i++) {
    if (atomic_load_explicit(&t->value, memory_order_acquire) != seen) return;
    look_again();
  }
  // Either this thread sees the new value after it has put itself down as a sleeper, or whoever wrote the value sees the
  // sleeper: both orders are sequentially consistent, and the kernel compares once more before it lets a thread sleep.
  atomic_fetch_add(&t->sleepers, 1);
  while (atomic_load(&t->value) == seen) {
#if defined(__linux__)
    syscall(SYS_futex, &t->value, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
#endif
  }
  atomic_fetch_sub(&t->sleepers, 1);
}

static void turn(turnstile *t) {
  atomic_fetch_add(&t->value, 1);
#if defined(__linux__)
  if (atomic_load(&t->sleepers) > 0) syscall(SYS_futex, &t->value, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
#endif
}

void ck_team_barrier(ck_team *team) {
  uint32_t seen = atomic_load_explicit(&team->pass.value, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 < team->threads) {
    wait(&team->pass, seen);
    return;
  }
  atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
  atomic_store_explicit(&team->taken, 0, memory_order_relaxed);
  for (size_t i = 0; i < team->threads; i++) atomic_store_explicit(&team->shares[i].taken, 0, memory_order_relaxed);
  turn(&team->pass);
}

size_t ck_team_take(ck_team *team, size_t grain) {
  return atomic_fetch_add_explicit(&team->taken, grain, memory_order_relaxed);
}

size_t ck_team_take_share(ck_team *team, size_t thread, size_t count, size_t grain, size_t *first) {
  for (size_t i = 0; i < team->threads; i++) {
    size_t owner = thread + i < team->threads ? thread + i : thread + i - team->threads;
    size_t start = count * owner / team->threads, size = count * (owner + 1) / team->threads - start;
    _Atomic size_t *taken = &team->shares[owner].taken;
    if (atomic_load_explicit(taken, memory_order_relaxed) >= size) continue;
    size_t place = atomic_fetch_add_explicit(taken, grain, memory_order_relaxed);
    if (place >= size) continue;
    *first = start + place;
    return size - place < grain ? size - place : grain;
  }
  return 0;
}

static void *work(void *argument) {
  worker self = *(worker *)argument;
  free(argument);
  ck_team *team = self.team;
  for (uint32_t seen = 0;; seen++) {
    wait(&team->start, seen);
    if (!team->body) return NULL;
    team->body(team->context, self.thread);
    ck_team_barrier(team);
  }
}

void ck_team_run(ck_team *team, void (*body)(void *context, size_t thread), void *context) {
  team->body = body;
  team->context = context;
  if (team->threads > 1) turn(&team->start);
  body(context, 0);
  ck_team_barrier(team);
}

void ck_team_destroy(ck_team *team) {
  team->body = NULL;
  turn(&team->start);
  for (size_t i = 0; i < team->started; i++) pthread_join(team->handles[i], NULL);
  free(team->handles);
  free(team->shares);
  free(team);
}

ck_team *ck_team_create(size_t threads) {
  ck_team *team = aligned_alloc(64, sizeof *team);
  pthread_t *handles = calloc(threads, sizeof *handles);
  share *shares = aligned_alloc(64, threads * sizeof *shares);
  if (!team || !handles || !shares) {
    free(team);
    free(handles);
    free(shares);
    return NULL;
  }
  for (size_t i = 0; i < threads; i++) shares[i] = (share){0};
  *team = (ck_team){.threads = threads, .handles = handles, .shares = shares};
  while (team->started + 1 < threads) {
    worker *self = malloc(sizeof *self);
    if (self) *self = (worker){team, team->started + 1};
    if (!self || pthread_create(&team->handles[team->started], NULL, work, self) != 0) {
      free(self);
      ck_team_destroy(team);
      return NULL;
    }
    team->started++;
  }
  return team;
}
