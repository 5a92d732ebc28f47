/*
 * keeper.h - the keeper: what the engine tells, checked, into the database.
 *
 * Records lie in the receiver's memory until they are committed.  Where the database does
 * not take them (the disk is full, somebody else writes) they are looked at again from
 * there, a little later each time; when that memory fills up they go to the spill file, and
 * from then on all go through it, in their order, until it is empty.  When that is full,
 * too, the stream fills up, and then the engine's queue, which sheds and counts.
 */
#ifndef EARSHOT_PROBE_KEEPER_H
#define EARSHOT_PROBE_KEEPER_H

#include "probe/control.h"
#include "probe/keeper_alerts.h"
#include "probe/keeper_calls.h"
#include "probe/keeper_check.h"
#include "probe/keeper_desk.h"
#include "probe/keeper_watch.h"
#include "probe/monitor.h"
#include "probe/monitor_web.h"
#include "probe/record_link.h"
#include "probe/record_spill.h"
#include "schema/store_live.h"
#include "web/buffer.h"

enum { KEEPER_RECENT = 16, KEEPER_EVENTS = 64, KEEPER_OPTIONS = 4096, KEEPER_PATH = 4096 };

/* The last account of an engine that died, by the parent, which is not in its run yet. */
struct keeper_last {
	bool is_there;
	struct link_account account; /* without what is told of records */
	uint64_t lost[LIVE_SOURCES];
};

/* Where the frames of a batch are from. */
enum keeper_source { KEEPER_LINK, KEEPER_SPILL };

struct keeper {
	const struct monitor_options *options;
	int control; /* -1: the parent has gone */
	struct store_live *live;
	struct link_receiver link;
	int next_link; /* of the engine that took the place of the one before; -1 = none */
	struct spill spill;
	bool spill_said; /* that there is none */
	struct keeper_check check;
	struct keeper_watch watch;
	struct monitor_web *web; /* owned; NULL = none */
	struct keeper_alerts alerts;
	struct keeper_notices notices;
	struct keeper_calls calls; /* for receivers that want them */
	struct keeper_desk desk;
	bool forgetting; /* some of these were delivered */
	/* The configuration has other trunks than the run's rows; and they are in the
	 * batch. */
	bool trunks_changed, trunks_added;
	bool broken; /* there is no database to go on with: another keeper has to try */
	bool stopping;
	nstime stop_at; /* monotonic: then it ends, whatever is left */
	bool ending;    /* the engine is: it has to be heard out before it is killed */

	/* The run that goes on: whose records come next. */
	bool greeted;
	bool ended; /* the engine said so */
	uint8_t engine[LINK_ENGINE_ID];
	char run_options[KEEPER_OPTIONS];
	/* The hello of the engine at the other end of the link. */
	uint8_t hello[LINK_HEAD + RECORD_WIRE_MAX];
	size_t hello_len;

	size_t batch;    /* records in it */
	nstime batch_at; /* monotonic; of the first */
	bool failing;    /* the database does not take it */
	enum live_trouble trouble;
	nstime failing_since; /* wall clock */
	nstime retry_at;      /* monotonic; of failing */
	nstime retry_in;
	nstime spill_retry_at; /* monotonic; the disk did not take it either */
	nstime full_check_at;  /* monotonic */

	struct {
		enum live_what what;
		nstime at;
		char subject[64];
	} recent[KEEPER_RECENT];              /* the latest, in a ring */
	size_t recent_count;                  /* so far */
	struct control events[KEEPER_EVENTS]; /* not committed yet */
	size_t event_count, events_added;
	uint64_t not_kept[LINK_LOSS_COUNT]; /* by this engine, as it says */
	struct buffer account;              /* owned; the engine's last */
	nstime account_at, alive_at;        /* monotonic; the latter: said so */
	struct buffer spilled_account;      /* owned; the last that went to the spill */
	uint64_t spilled_frames;            /* in it */

	/* The engine's account, now and when the last health was noted; and what the parent
	 * tells, also of frames that were lost with engines. */
	struct link_account account_now, account_then;
	struct keeper_last last;
	uint64_t lost_now[LIVE_SOURCES], lost_then[LIVE_SOURCES];
	nstime ended_at; /* monotonic; the stream of the engine ended; 0 = it has not */
	struct keeper_interface interfaces[LIVE_SOURCES];
	size_t interface_count;
	uint64_t interface_now[LIVE_SOURCES], interface_then[LIVE_SOURCES];
	bool interface_known[LIVE_SOURCES]; /* the parent has told of it */
	uint64_t queue_most;                /* since then, bytes in the engine */
	uint64_t memory[CONTROL_MEMORY_COUNT];
	nstime lag;       /* longest that a record waited */
	nstime health_at; /* monotonic */

	nstime disk_at, upkeep_at; /* monotonic; the next time */
	uint64_t free_bytes;
	bool disk_low;
};

/* --- keeper_batch.c ------------------------------------------------------------------- */

void keeper_note(struct keeper *k, const struct control *event);
void keeper_note_spill_lost(struct keeper *k);

/* Which of the two is looked at now, and what is at hand there. */
enum keeper_source keeper_source(const struct keeper *k);
struct link_receiver *keeper_receiver(struct keeper *k);

bool keeper_is_waiting(const struct keeper *k);   /* for the database to take something */
size_t keeper_batch_most(const struct keeper *k); /* records in one */
bool keeper_commit_is_due(const struct keeper *k);
void keeper_commit(struct keeper *k);
/* Into the batch: events and alerts, which have no number of their own. */
MUST_CHECK enum status keeper_add_waiting(struct keeper *k);
/* All since the last commit is in the database. */
void keeper_done(struct keeper *k);
/* It is not, and will be done again. */
void keeper_put_off(struct keeper *k);
/* Where that is called for: what has come by the link, to the spill. */
void keeper_spill_over(struct keeper *k);
/* At the end, between two batches: the account of the run, though records before it wait.
 */
MUST_CHECK enum status keeper_add_spilled_account(struct keeper *k);

/* --- keeper_frames.c ------------------------------------------------------------------ */

/* As many as fit into the batch. */
void keeper_take_frames(struct keeper *k);
/* Not all that has come whole was looked at; the same of the link alone. */
bool keeper_has_more(struct keeper *k);
bool keeper_link_has_more(struct keeper *k);
/* Begins the run of k->engine, or goes on with it. */
MUST_CHECK enum status keeper_begin_run(struct keeper *k);
void keeper_accuse_engine(struct keeper *k);

/* --- keeper_store.c ------------------------------------------------------------------- */

/* The database; one that is damaged is moved aside, and a new one begun.  Says why not. */
MUST_CHECK enum status keeper_open_store(struct keeper *k);
/* Before the first record is taken: is it whole? */
void keeper_look_at_store(struct keeper *k);
/* The same while it runs: *k goes on with a new one. */
void keeper_replace_store(struct keeper *k);
/* Begins checks that are due, and hears of those that are done. */
void keeper_watch_store(struct keeper *k);
void keeper_close_store(struct keeper *k);
/* Without one, as when another keeper still has it, the probe works, too; and over a folder
 * of captures the engine can wait. */
void keeper_open_spill(struct keeper *k);

/* --- keeper_upkeep.c ------------------------------------------------------------------ */

/* What the probe has done so far. */
struct notice_pulse keeper_pulse(const struct keeper *k);
/* What the configuration says of how long things are kept. */
MUST_CHECK enum status keeper_limit_store(struct keeper *k);
/* An interface, its place and its name; `what`: it is given up. */
void keeper_call_interface(struct keeper *k, const struct control *message);
void keeper_hear_health(struct keeper *k, const struct control *message);
/* Part by part, LIVE_SOURCES last: of an engine that died. */
void keeper_hear_last(struct keeper *k, const struct control *message);
/* Closes the run of the engine that died or said goodbye under that number (0: died). */
MUST_CHECK enum status keeper_end_run(struct keeper *k, uint64_t number);
/* What is due beside keeping: it takes a moment at most. */
void keeper_upkeep(struct keeper *k);

/* --- keeper_status.c ------------------------------------------------------------------ */

/* The rest of the status, behind what the parent has written. */
void keeper_tell_status(const struct keeper *k, int connection);
/* For those who watch: a JSON object without its closing brace. */
void keeper_add_standing(const struct keeper *k, struct buffer *to);

#endif
