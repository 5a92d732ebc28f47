/*
 * keeper_watch.h - the keeper's part in reading a folder of captures: what the engine says
 * of its files goes into the database, and what the parent asks is answered out of it.
 */
#ifndef EARSHOT_PROBE_KEEPER_WATCH_H
#define EARSHOT_PROBE_KEEPER_WATCH_H

#include "probe/control.h"
#include "probe/monitor.h"
#include "probe/record_link.h"

enum { KEEPER_WATCH_ASKED = 8 };

struct keeper_watch {
	struct control asked[KEEPER_WATCH_ASKED]; /* in their order */
	size_t count;
};

/* True: the frame is of that sort, and *status what became of it.  ERR_MALFORMED: no engine
 * of ours says that. */
bool keeper_watch_frame(struct store_live *live, const struct link_frame *frame,
                        enum status *status);

/* True: the message is a question, which keeper_watch_answer answers later. */
bool keeper_watch_ask(struct keeper_watch *watch, const struct control *message);

/*
 * Answers what can be answered; `idle`: there is no engine whose records are on their way.
 * Something of the database may have been changed then, and the batch committed: *changed.
 * Not OK: the database does not take it, and the question stands.
 */
MUST_CHECK enum status keeper_watch_answer(struct keeper_watch *watch,
                                           struct store_live *live,
                                           const struct monitor_options *options,
                                           int control, bool idle, bool *changed);

#endif
