/*
 * keeper_past.h - what past weeks were like, as the database has its hours: for rules that
 * compare with them and have not been there so long, and for the hours that a probe did not
 * see to their end because it was started again.
 *
 * The hours are read a few at a time, beside what comes, by rules of their own; what these
 * have learnt fills what is not known yet.
 */
#ifndef EARSHOT_PROBE_KEEPER_PAST_H
#define EARSHOT_PROBE_KEEPER_PAST_H

#include "analyzer/track/rules.h"
#include "schema/query.h"

enum { PAST_LISTS = 3 };

struct keeper_past {
	bool wanted;         /* to be begun */
	struct rules *rules; /* owned; that learn; NULL: not at it */
	struct sink sink;
	struct query *query; /* owned */
	struct past_list {
		struct rows rows;
		struct record record;
		bool over;
	} lists[PAST_LISTS];
};

/* Anew, as the settings were given or changed. */
void keeper_past_begin(struct keeper_past *past);
/* Nothing of the settings is borrowed any more. */
void keeper_past_stop(struct keeper_past *past);

/* A few hours more, of the database at `db`; in the end what was learnt goes to *rules. */
void keeper_past_work(struct keeper_past *past, const struct rules_settings *settings,
                      const char *db, struct rules *rules);

#endif
