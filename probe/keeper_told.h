/*
 * keeper_told.h - who was told of which alert that goes on: so that nobody is told twice,
 * that whoever was told hears of its end, and that who wants it is reminded.
 *
 * What is decided in a batch holds when that is committed.
 */
#ifndef EARSHOT_PROBE_KEEPER_TOLD_H
#define EARSHOT_PROBE_KEEPER_TOLD_H

#include "probe/notify.h"

/* One that finds no room is told and not remembered: whoever wants it hears of its end. */
enum { TOLD_MOST = 2048 };

struct told_alert {
	struct alert_record alert; /* as it was last */
	uint32_t told, told_now;   /* a bit a receiver; as committed, and with this batch */
	bool over;                 /* with this batch */
	nstime remind_at[RECEIVERS]; /* wall clock */
};

struct told {
	struct told_alert *list; /* owned */
	size_t count, room;
	/* Messages of this minute, the same way. */
	struct {
		nstime since; /* wall clock */
		uint32_t count, count_now;
	} limit[RECEIVERS];
};

void told_free(struct told *told);

enum told_verdict {
	TOLD_NOT, /* it does not want it, or has it */
	TOLD_SINGLY,
	TOLD_TOGETHER, /* in a line with others, for there are too many */
	TOLD_AGAIN,    /* a reminder */
};

/* A change of state, for that receiver; now: wall clock. */
enum told_verdict told_judge(struct told *told, const struct notify_settings *settings,
                             size_t receiver, const struct alert_record *alert, nstime now);
/* After all receivers were asked about it. */
void told_note(struct told *told, const struct alert_record *alert);

/* It went on when the keeper began: they had been told, as far as that is known. */
void told_restore(struct told *told, const struct notify_settings *settings,
                  const struct alert_record *alert, nstime now);
/* Receivers have other places, or none any more. */
void told_move(struct told *told, const struct notify_settings *from,
               const struct notify_settings *to);

void told_kept(struct told *told);
void told_undone(struct told *told);

#endif
