// Threads that go through one function together, phase by phase, and sleep in between.
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

/// Runs body(context, thread) on the caller's thread, 0, and on those of the others that come in time; returns when all have
/// come back. One run at a time.
///
/// The work is cut into phases, numbered from 0 to `phases`; all threads go through all of them in the same order, and in
/// each take places until none is left. A phase ends when its places are done, not when all threads have been there: one that
/// waits for a core, or has not woken yet, holds nobody up, and finds nothing left to do when it comes. Returns 0, and has done
/// nothing, if there is no memory for so many phases.
int ck_team_run(ck_team *team, size_t phases, void (*body)(void *context, size_t thread), void *context);

/// Within a run: takes up to `grain` of a phase's `count` places, in order; returns how many, and 0 when all are taken.
size_t ck_team_take(ck_team *team, size_t phase, size_t count, size_t grain, size_t *first);

/// The same for places of which every thread has a share of its own: takes of the caller's share, and when that is empty, of
/// another's.
size_t ck_team_take_share(ck_team *team, size_t phase, size_t thread, size_t count, size_t grain, size_t *first);

/// Within a run: says that `done` places of a phase are done, and waits until all `count` are. What was written for them is
/// seen thereafter.
///
/// A thread that waits looks for some fifty microseconds, then sleeps, so that whoever has the last places finds a core.
void ck_team_finish(ck_team *team, size_t phase, size_t count, size_t done);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
