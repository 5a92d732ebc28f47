/* keeper_store.c - the database as a file: opened, found damaged, looked through. */
#include "probe/keeper.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

/* Before the first record is taken; a larger file is looked through while it is used. */
enum { FIRST_LOOK_MS = 300, START_MS = 10000 };
#define SPILL_RETRY NS_PER_SEC
#define CLOSING NS_PER_SEC
#define WEEK ((nstime)7 * 24 * 3600 * NS_PER_SEC)

static enum status set_aside(struct keeper *k)
{
	char to[KEEPER_PATH];
	struct control event = { .what = LIVE_STORE_REPLACED,
		                 .at = monitor_now(),
		                 .until = NSTIME_NONE };
	if (db_set_aside(k->options->db, event.at, to, sizeof to) != OK) {
		warn("keeper: %s is damaged and cannot be moved", k->options->db);
		return ERR_IO;
	}
	warnx("keeper: it is %s from now on, and a new database is begun", to);
	const char *name = strrchr(to, '/');
	text_copy(event.text, sizeof event.text, text_from(name ? name + 1 : to));
	keeper_note(k, &event);
	return OK;
}

/* Another writer, perhaps the one before, may still be at it. */
static enum status open_limited(struct keeper *k, struct db_error *error)
{
	const enum status status = store_live_open(k->options->db, &k->live, error);
	return status == OK ? keeper_limit_store(k) : status;
}

enum status keeper_open_store(struct keeper *k)
{
	struct db_error error = { "" };
	enum status status = open_limited(k, &error);
	if (status == OK)
		return OK;
	warnx("keeper: %s", error.text);
	if (!error.damaged || set_aside(k) != OK)
		return status;
	status = open_limited(k, &error);
	if (status != OK)
		warnx("keeper: %s", error.text);
	return status;
}

void keeper_look_at_store(struct keeper *k)
{
	struct db_error error = { "" };
	const enum status status = store_live_check(k->live, FIRST_LOOK_MS, &error);
	if (status == ERR_TOO_LONG) {
		keeper_check_begin(&k->check, k->options->db, DB_CHECK_QUICK, START_MS);
	} else if (status != OK) {
		warnx("keeper: %s", error.text);
		if (error.damaged)
			keeper_replace_store(k);
	}
}

void keeper_replace_store(struct keeper *k)
{
	struct db_error error = { "" };
	/* First closed, then moved: SQLite removes journals by the name that it opened. */
	keeper_close_store(k);
	if (set_aside(k) != OK || store_live_open(k->options->db, &k->live, &error) != OK) {
		warnx("keeper: %s", error.text);
		k->broken = true;
		return;
	}
	k->retry_at = 0;
	if (keeper_limit_store(k) != OK || (k->greeted && keeper_begin_run(k) != OK))
		k->broken = true;
}

static void hear_check(struct keeper *k)
{
	const enum status found = keeper_check_result(&k->check);
	if (found == ERR_MALFORMED) {
		warnx("keeper: %s", k->check.error.text);
		link_receiver_rewind(keeper_receiver(k));
		k->batch = k->events_added = 0;
		keeper_replace_store(k);
		return;
	}
	if (found != OK || k->check.depth != DB_CHECK_FULL)
		return;
	const struct control event = { .what = LIVE_STORE_CHECKED,
		                       .at = monitor_now(),
		                       .until = NSTIME_NONE };
	keeper_note(k, &event);
}

void keeper_watch_store(struct keeper *k)
{
	hear_check(k);
	if (k->broken)
		return;
	if (k->spill.fd < 0 && !k->batch && !k->stopping &&
	    monitor_clock() >= k->spill_retry_at)
		keeper_open_spill(k);
	if (k->check.running || k->stopping || monitor_clock() < k->full_check_at)
		return;
	k->full_check_at = monitor_clock() + WEEK;
	keeper_check_begin(&k->check, k->options->db, DB_CHECK_FULL, 0);
}

void keeper_close_store(struct keeper *k)
{
	keeper_check_stop(&k->check);
	/* Without a parent the next probe may be at it already, and would have to wait; and
	 * if it is late, it would be killed. */
	store_live_close(k->live, k->control >= 0 && k->stopping &&
	                                  monitor_clock() < k->stop_at - CLOSING);
	k->live = NULL;
}

void keeper_open_spill(struct keeper *k)
{
	char path[KEEPER_PATH];
	const size_t most = (size_t)k->options->config->store.spill_mib << 20;
	const int len = snprintf(path, sizeof path, "%s.spill", k->options->db);
	k->spill_retry_at = monitor_clock() + SPILL_RETRY;
	k->spill.fd = -1;
	if (k->options->watch || len < 0 || (size_t)len >= sizeof path)
		return;
	if (spill_open(&k->spill, path, most) != OK) {
		if (!k->spill_said)
			warn("keeper: %s cannot be used", path);
		k->spill_said = true;
		return;
	}
	if (spill_is_empty(&k->spill))
		return;
	/* It comes before anything else, or not in this life. */
	if (k->greeted || k->link.fd >= 0)
		spill_close(&k->spill);
	else
		warnx("keeper: there are records in %s", path);
}
