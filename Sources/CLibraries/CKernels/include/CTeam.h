// Threads that go through one function together, with barriers in it, and sleep in between.
#ifndef CTEAM_H
#define CTEAM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

typedef struct ck_team ck_team;

/// A team of `threads`, of which the caller of ck_team_run is the first; NULL where the system gives no more threads.
ck_team *_Nullable ck_team_create(size_t threads);

/// Ends the threads. No run may be under way.
void ck_team_destroy(ck_team *team);

/// Runs body(context, thread) on every thread, 0 on the caller's; returns when all have come back. One run at a time.
void ck_team_run(ck_team *team, void (*body)(void *context, size_t thread), void *context);

/// Within a run: waits until all threads of the team are here. What any of them wrote before is seen by all after.
///
/// A thread that waits looks for some ten microseconds, then sleeps, so that whoever holds up the others finds a core.
void ck_team_barrier(ck_team *team);

/// Within a run: takes `grain` places of those that are handed out between two barriers, and returns the first. They begin at 0
/// and do not end: the caller knows how many there are.
size_t ck_team_take(ck_team *team, size_t grain);

/// The same for `count` places of which every thread has a share of its own, in order: takes up to `grain` places of the
/// caller's share, and when that is empty, of another's, whose thread may be waiting for a core. Returns how many; 0 when
/// all are taken.
size_t ck_team_take_share(ck_team *team, size_t thread, size_t count, size_t grain, size_t *first);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
