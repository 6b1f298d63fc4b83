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

/// A counter that has a cache line for itself.
typedef struct {
  _Alignas(64) _Atomic size_t value;
} counter;

/// A number that changes when there is something new, and on which threads sleep until it does.
typedef struct {
  _Alignas(64) _Atomic uint32_t value;
  _Atomic uint32_t sleepers;
} bell;

struct ck_team {
  bell start;   ///< a run has begun, or the threads are to end
  bell progress;  ///< a phase is done, or a thread has left a run
  /// Threads that are inside a run, and whether more may come in.
  _Alignas(64) _Atomic uint32_t inside;
  size_t threads;
  size_t started;  ///< threads beside the caller's
  pthread_t *handles;
  counter *counters;  ///< of each phase: what is taken of each thread's share, then what is done
  size_t phases;      ///< that there is room for
  void (*body)(void *context, size_t thread);  ///< NULL ends the threads
  void *context;
};

enum { OPEN = 1u << 31 };

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

/// Sleeps until the bell is rung, unless `isOver` by then. Either this thread sees what has changed after it has
/// put itself down as a sleeper, or whoever changed it sees the sleeper and rings: both orders are sequentially consistent, and
/// the kernel compares once more before it lets a thread sleep.
#define SLEEP_UNLESS(b, isOver)                                                            \
  do {                                                                                     \
    atomic_fetch_add(&(b)->sleepers, 1);                                                   \
    uint32_t shown = atomic_load(&(b)->value);                                             \
    if (!(isOver)) sleep_on(&(b)->value, shown);                                           \
    atomic_fetch_sub(&(b)->sleepers, 1);                                                   \
  } while (0)

#define WAIT_UNTIL(b, isOver)                                                              \
  do {                                                                                     \
    for (int i = 0; i < LOOKS && !(isOver); i++) look_again();                             \
    while (!(isOver)) SLEEP_UNLESS(b, isOver);                                             \
  } while (0)

static void sleep_on(_Atomic uint32_t *value, uint32_t seen) {
#if defined(__linux__)
  syscall(SYS_futex, value, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
#else
  (void)value, (void)seen;
  look_again();
#endif
}

static void ring(bell *b) {
  atomic_fetch_add(&b->value, 1);
#if defined(__linux__)
  if (atomic_load(&b->sleepers) > 0) syscall(SYS_futex, &b->value, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
#endif
}

static counter *counters_of(ck_team *team, size_t phase) { return team->counters + phase * (team->threads + 1); }

static size_t take(counter *c, size_t size, size_t grain, size_t *first) {
  if (atomic_load_explicit(&c->value, memory_order_relaxed) >= size) return 0;
  *first = atomic_fetch_add_explicit(&c->value, grain, memory_order_relaxed);
  if (*first >= size) return 0;
  return size - *first < grain ? size - *first : grain;
}

size_t ck_team_take(ck_team *team, size_t phase, size_t count, size_t grain, size_t *first) {
  return take(counters_of(team, phase), count, grain, first);
}

size_t ck_team_take_share(ck_team *team, size_t phase, size_t thread, size_t count, size_t grain, size_t *first) {
  for (size_t i = 0; i < team->threads; i++) {
    size_t owner = thread + i < team->threads ? thread + i : thread + i - team->threads;
    size_t start = count * owner / team->threads, size = count * (owner + 1) / team->threads - start;
    size_t taken = take(counters_of(team, phase) + owner, size, grain, first);
    *first += start;
    if (taken) return taken;
  }
  return 0;
}

void ck_team_finish(ck_team *team, size_t phase, size_t count, size_t done) {
  counter *c = counters_of(team, phase) + team->threads;
  if (done && atomic_fetch_add(&c->value, done) + done == count) {
    if (team->threads > 1) ring(&team->progress);
    return;
  }
  WAIT_UNTIL(&team->progress, atomic_load(&c->value) == count);
}

/// Whether the thread is inside a run now.
static int enter(ck_team *team) {
  uint32_t inside = atomic_load(&team->inside);
  while (inside & OPEN)
    if (atomic_compare_exchange_weak(&team->inside, &inside, inside + 1)) return 1;
  return 0;
}

static void *work(void *argument) {
  worker self = *(worker *)argument;
  free(argument);
  ck_team *team = self.team;
  for (uint32_t seen = 0;;) {
    WAIT_UNTIL(&team->start, atomic_load(&team->start.value) != seen);
    seen = atomic_load(&team->start.value);
    if (!enter(team)) continue;
    // The body does not change while anyone is inside.
    void (*body)(void *, size_t) = team->body;
    if (body) body(team->context, self.thread);
    atomic_fetch_sub(&team->inside, 1);
    ring(&team->progress);
    if (!body) return NULL;
  }
}

/// Lets the threads in.
static void open(ck_team *team, void (*body)(void *context, size_t thread), void *context) {
  team->body = body;
  team->context = context;
  atomic_store(&team->inside, OPEN);
  ring(&team->start);
}

/// Lets nobody in any more, and waits for those who are.
static void close_when_empty(ck_team *team) {
  atomic_fetch_and(&team->inside, ~(uint32_t)OPEN);
  WAIT_UNTIL(&team->progress, atomic_load(&team->inside) == 0);
}

int ck_team_run(ck_team *team, size_t phases, void (*body)(void *context, size_t thread), void *context) {
  size_t count = phases * (team->threads + 1);
  if (phases > team->phases) {
    counter *counters = aligned_alloc(64, count * sizeof *counters);
    if (!counters) return 0;
    free(team->counters);
    team->counters = counters;
    team->phases = phases;
  }
  for (size_t i = 0; i < count; i++) atomic_store_explicit(&team->counters[i].value, 0, memory_order_relaxed);
  if (team->threads > 1) open(team, body, context);
  body(context, 0);
  if (team->threads > 1) close_when_empty(team);
  return 1;
}

void ck_team_destroy(ck_team *team) {
  open(team, NULL, NULL);
  for (size_t i = 0; i < team->started; i++) pthread_join(team->handles[i], NULL);
  free(team->handles);
  free(team->counters);
  free(team);
}

ck_team *ck_team_create(size_t threads) {
  ck_team *team = aligned_alloc(64, sizeof *team);
  pthread_t *handles = calloc(threads, sizeof *handles);
  if (!team || !handles) {
    free(team);
    free(handles);
    return NULL;
  }
  *team = (ck_team){.threads = threads, .handles = handles};
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
