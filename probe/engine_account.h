/*
 * engine_account.h - what became of every frame: as the kernel counts them, as the pipeline
 * does, and how those fare who bring them; to the keeper, and to who shares the ledger.
 */
#ifndef EARSHOT_PROBE_ENGINE_ACCOUNT_H
#define EARSHOT_PROBE_ENGINE_ACCOUNT_H

#include "probe/monitor_engine.h"

/* The kernel is asked.  last: what is still in the rings will not be read. */
void engine_note_drops(struct engine *engine, bool last);

/* The account as it stands, over a folder of captures once there is something to number it
 * by. */
void engine_tell_account(struct engine *engine);

#endif
