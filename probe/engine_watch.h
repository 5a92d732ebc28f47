/*
 * engine_watch.h - the engine over a folder of captures: reads files that the parent has
 * opened, one after the other, and says of each record where in them it stands
 * (schema/store_watch.h).
 */
#ifndef EARSHOT_PROBE_ENGINE_WATCH_H
#define EARSHOT_PROBE_ENGINE_WATCH_H

#include <stdbool.h>

#include "probe/control.h"

enum { WATCH_WINDOW = 16 }; /* files that are open at a time */

struct engine;
struct engine_watch;
struct watch_start;

MUST_CHECK enum status engine_watch_new(const struct watch_start *start,
                                        struct engine_watch **out);
void engine_watch_free(struct engine_watch *watch); /* NULL is fine */

/* A run that goes on keeps its id. */
void engine_watch_identify(const struct engine_watch *watch, uint8_t id[LIVE_ENGINE_ID]);
/* There is a sender: it begins where the run stands. */
void engine_watch_begin(struct engine *engine);

/* Is a record new that comes out after so many frames? */
bool engine_watch_speaks(struct engine_watch *watch, uint64_t frames);

/* True: the message was for it, and the descriptor is its own. */
bool engine_watch_obey(struct engine_watch *watch, const struct control *message, int fd);

/* Some frames of the file whose turn it is; how many.  0: there is nothing to do, or the
 * keeper is far behind. */
size_t engine_watch_read(struct engine *engine);

void engine_watch_snapshot(struct engine *engine);

/* What comes is the end.  False: it has not read as far as what is kept, and what is kept
 * stays as it is. */
bool engine_watch_finish(struct engine *engine);

#endif
