/*
 * keeper_alerts.h - the rules over what the engine tells the keeper.
 *
 * A record is judged once, when it comes first; the alerts that come of it wait here until
 * they are committed with it, also where the database has to be asked again and again. What
 * goes on is found in the database after a restart.
 */
#ifndef EARSHOT_PROBE_KEEPER_ALERTS_H
#define EARSHOT_PROBE_KEEPER_ALERTS_H

#include "probe/keeper_channels.h"
#include "probe/keeper_notices.h"
#include "probe/keeper_past.h"
#include "probe/monitor.h"
#include "schema/store_live.h"

/* Records come a little after their time; by then those of a tick are here. */
#define RECORDS_ARE_IN (20 * NS_PER_SEC)

enum { KEEPER_INTERFACES = LIVE_SOURCES, KEEPER_MARKS = 64 };

/* One that the probe listens to, or did. */
struct keeper_interface {
	char name[CAPTURE_NAME];
	bool given_up;
};

struct keeper_alerts {
	struct rules *rules; /* owned */
	struct sink sink;
	struct keeper_channels channels;
	const struct config *config; /* as it is now */
	struct config *own;          /* owned; that was read while it ran; NULL: none was */
	struct rule_list
	        *list;     /* owned; the rules as they are; NULL: the configuration's */
	struct rule *said; /* owned; of rules, over those of the configuration */
	size_t said_count;
	struct record *waiting; /* owned; alerts that are not committed yet */
	size_t count, room, added;
	uint64_t judged; /* number of the latest record that was */
	uint64_t lost;   /* alerts for which there was no memory, or no room */
	bool by_records; /* time is that of the records alone: a folder */
	struct keeper_past past;

	nstime remembered_at; /* wall clock */

	/* What is wrong with sources of packets, as the engine said last. */
	struct {
		char subject[RECORD_TRUNK];
		enum live_what wrong; /* LIVE_CLOCK_WRONG, LIVE_ONE_SIDED */
		bool is;
	} sources[KEEPER_MARKS];
	size_t source_count;
	nstime marks_at;
	double clock_error_ms; /* of this machine; NAN: not known */

	/* As the accounts had it last. */
	nstime account_at;
	struct {
		uint64_t received, dropped;
	} interfaces[KEEPER_INTERFACES];
};

/* With the rules of the configuration.  ERR_NOMEM. */
MUST_CHECK enum status keeper_alerts_open(struct keeper_alerts *alerts,
                                          const struct monitor_options *options);
/* What goes on, from the database, which may not be there yet: by the rules as they are. */
void keeper_alerts_restore(struct keeper_alerts *alerts, struct keeper_notices *notices,
                           const char *db);
void keeper_alerts_free(struct keeper_alerts *alerts);

/* When facts are told: by the wall clock behind the records, or, where time is theirs
 * alone, with them. */
nstime keeper_alerts_now(const struct keeper_alerts *alerts, nstime now);

/* An engine whose records are kept up to that number. */
void keeper_alerts_greet(struct keeper_alerts *alerts, uint64_t durable);
void keeper_alerts_record(struct keeper_alerts *alerts, uint64_t number, bool over,
                          const struct record *record);
/* The engine's account, JSON; now: wall clock. */
void keeper_alerts_account(struct keeper_alerts *alerts,
                           const struct keeper_interface *interfaces, size_t count,
                           struct text account, nstime now);
/* The engine said that it ended in order. */
void keeper_alerts_end(struct keeper_alerts *alerts);
/* Something befell a source of packets. */
void keeper_alerts_event(struct keeper_alerts *alerts, enum live_what what,
                         const char *subject);
/* How much of the file system of the database is free. */
void keeper_alerts_disk(struct keeper_alerts *alerts, double free_pct, nstime now);
/* So late is it by the wall clock; waited: how long records have, s. */
void keeper_alerts_time(struct keeper_alerts *alerts, nstime now, double waited_s);

/* What past weeks were like, from the database, before any record; and back to it, where it
 * has changed, in a batch that is committed. */
MUST_CHECK enum status keeper_alerts_recall(struct keeper_alerts *alerts,
                                            struct store_live *live);
/* A little of what the database knows of past weeks beside. */
void keeper_alerts_learn(struct keeper_alerts *alerts, const char *db);
MUST_CHECK enum status keeper_alerts_remember(struct keeper_alerts *alerts,
                                              struct store_live *live, nstime now);

/* Into the batch; that it was committed; that it was undone. */
MUST_CHECK enum status keeper_alerts_add(struct keeper_alerts *alerts,
                                         struct store_live *live,
                                         struct keeper_notices *notices);
void keeper_alerts_kept(struct keeper_alerts *alerts);
void keeper_alerts_undone(struct keeper_alerts *alerts);

#endif
