/*
 * monitor_keeper.c - the keeper's life: what it hears of the parent, when it does what, and
 * how it ends (keeper.h).
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/keeper.h"
#include "probe/keeper_rules.h"
#include "probe/sandbox_files.h"

/* The parent reaps the engine at once; but it may have much to do. */
#define LAST_WITHIN NS_PER_SEC
#define COMMIT_AFTER (900 * NS_PER_MS)
/* For what was begun when its time is over. */
#define BEFORE_KILLED (400 * NS_PER_MS)
#define FIRST_FULL_CHECK (3600 * NS_PER_SEC)

/* It died: how far it was the parent tells, as soon as it knows. */
static bool waits_for_last(struct keeper *k)
{
	if (!k->greeted || k->last.is_there || k->control < 0 || k->options->watch)
		return false;
	if (!k->ended_at)
		k->ended_at = monitor_clock();
	return monitor_clock() - k->ended_at < LAST_WITHIN;
}

/* The engine's end is closed and all it said is kept: the next one's turn. */
static void change_engine(struct keeper *k)
{
	if (!k->link.ended || k->link.kept_to < k->link.read_to ||
	    keeper_link_has_more(k) || waits_for_last(k))
		return;
	k->ended_at = 0;
	const bool spilled = keeper_source(k) == KEEPER_SPILL;
	/* In the spill the next hello tells that this one has ended. */
	if (!spilled && k->greeted && keeper_end_run(k, 0) != OK) {
		keeper_put_off(k);
		return;
	}
	if (!spilled)
		k->greeted = k->failing = false;
	link_receiver_connect(&k->link, k->next_link);
	k->next_link = -1;
}

/* --- the parent ----------------------------------------------------------------------- */

static void stop(struct keeper *k, nstime killed_at)
{
	if (!k->stopping) {
		k->stop_at = killed_at - BEFORE_KILLED;
		store_live_last_seconds(k->live);
	}
	k->stopping = true;
}

static void hurry(struct keeper *k)
{
	if (!k->ending)
		store_live_hurry(k->live);
	k->ending = true;
}

static void take_link(struct keeper *k, const struct control *message, int fd)
{
	if (message->at != NSTIME_NONE)
		keeper_note(k, message);
	if (k->link.fd < 0) {
		link_receiver_connect(&k->link, fd);
		return;
	}
	if (k->next_link >= 0)
		close(k->next_link);
	k->next_link = fd;
}

static void tick_web(struct keeper *k)
{
	struct buffer standing = { 0 };
	if (!k->web)
		return;
	keeper_add_standing(k, &standing);
	if (!standing.failed)
		monitor_web_tick(k->web, buffer_text(&standing));
	buffer_free(&standing);
}

static void say_alive(struct keeper *k)
{
	const struct control alive = { .kind = CONTROL_ALIVE };
	if (k->control < 0 || monitor_clock() - k->alive_at < NS_PER_SEC)
		return;
	k->alive_at = monitor_clock();
	keeper_alerts_time(&k->alerts, monitor_now(),
	                   k->failing ? ns_to_s(monitor_now() - k->failing_since) : 0);
	(void)!control_send(k->control, &alive, -1);
	keeper_desk_tend(&k->desk, k->options->db, &k->alerts, monitor_now());
	tick_web(k);
}

/* A notifier of other receivers is handed over later. */
static void take_config(struct keeper *k, const struct control *message, int fd)
{
	struct config *config = keeper_rules_read(fd, message->counts[0]);
	if (!config)
		return;
	if (message->number)
		keeper_notices_follow(&k->notices, &config->notify);
	if (!keeper_rules_reload(&k->alerts, config))
		return;
	if (keeper_limit_store(k) != OK)
		keeper_put_off(k);
	monitor_web_rules(k->web, config);
	k->trunks_changed = true;
	k->trunks_added = false;
}

static void hear_parent(struct keeper *k)
{
	struct control message = { 0 };
	enum status status;
	int fd;
	while (k->control >= 0 &&
	       (status = control_receive(k->control, &message, &fd)) != ERR_NOT_FOUND) {
		if (status != OK) {
			close(k->control);
			k->control = -1;
			hurry(k);
		} else if (message.kind == CONTROL_LINK && fd >= 0) {
			take_link(k, &message, fd);
		} else if (message.kind == CONTROL_LAST) {
			keeper_hear_last(k, &message);
		} else if (message.kind == CONTROL_HEALTH) {
			keeper_hear_health(k, &message);
		} else if (message.kind == CONTROL_INTERFACE) {
			keeper_call_interface(k, &message);
		} else if (message.kind == CONTROL_CLOCK) {
			k->alerts.clock_error_ms = (double)message.counts[0];
		} else if (message.kind == CONTROL_NOTICES && fd >= 0) {
			keeper_notices_connect(&k->notices, fd);
		} else if (message.kind == CONTROL_EVENT) {
			keeper_note(k, &message);
			keeper_alerts_event(&k->alerts, (enum live_what)message.what,
			                    message.text);
		} else if (message.kind == CONTROL_STATUS && fd >= 0) {
			keeper_tell_status(k, fd);
			close(fd);
		} else if (keeper_watch_ask(&k->watch, &message)) {
			continue;
		} else if (message.kind == CONTROL_CONFIG && fd >= 0) {
			take_config(k, &message, fd);
		} else if (message.kind == CONTROL_RELOAD) {
			monitor_web_reload(k->web);
		} else if (message.kind == CONTROL_ENDING) {
			hurry(k);
		} else if (message.kind == CONTROL_STOP) {
			stop(k, message.until);
		}
	}
	/* Without a parent there is no next engine: what this one says is the end. */
	if (k->control < 0 && k->link.fd < 0)
		stop(k, monitor_clock() + MONITOR_KEEPER_END);
}

/* --- its life ------------------------------------------------------------------------- */

static int wait_ms(const struct keeper *k)
{
	nstime due = monitor_clock() + NS_PER_SEC;
	if (k->failing)
		due = k->retry_at;
	else if (k->batch)
		due = k->batch_at + COMMIT_AFTER;
	if (!k->batch && !k->failing && !k->ending && k->upkeep_at < due)
		due = k->upkeep_at;
	if (k->stopping && k->stop_at < due)
		due = k->stop_at;
	return monitor_wait_ms(due);
}

static void wait_for_work(struct keeper *k)
{
	struct pollfd polled[3];
	nfds_t count = 0;
	if (k->control >= 0)
		polled[count++] = (struct pollfd){ .fd = k->control, .events = POLLIN };
	if (k->link.fd >= 0 && !k->link.ended && link_receiver_has_room(&k->link))
		polled[count++] = (struct pollfd){ .fd = k->link.fd, .events = POLLIN };
	if (k->notices.fd >= 0)
		polled[count++] = (struct pollfd){ .fd = k->notices.fd, .events = POLLIN };
	if (poll(polled, count, wait_ms(k)) < 0 && errno != EINTR)
		warn("keeper: poll");
}

static bool is_over(const struct keeper *k)
{
	if (k->broken)
		return true;
	if (!k->stopping)
		return false;
	const bool all = k->link.fd < 0 && k->event_count == 0 && k->batch == 0 &&
	                 spill_is_empty(&k->spill);
	return all || monitor_clock() >= k->stop_at;
}

static void answer_parent(struct keeper *k)
{
	bool changed = false;
	const bool idle =
	        k->link.fd < 0 && !k->greeted && k->batch == 0 && spill_is_empty(&k->spill);
	const enum status status = keeper_watch_answer(&k->watch, k->live, k->options,
	                                               k->control, idle, &changed);
	if (status != OK)
		keeper_put_off(k);
	else if (changed)
		keeper_done(k);
}

/* What is committed goes to the receivers. */
static void hand_notices(struct keeper *k)
{
	enum status status = keeper_notices_hand(&k->notices, k->live, monitor_now());
	const struct notice_pulse pulse = keeper_pulse(k);
	k->notices.state = k->desk.state;
	if (status == OK)
		status = keeper_notices_expire(&k->notices, k->live, monitor_now());
	if (status == OK)
		status = keeper_notices_say(&k->notices, k->live, &pulse, monitor_now());
	keeper_alerts_learn(&k->alerts, k->options->db);
	if (status == OK)
		status = keeper_alerts_remember(&k->alerts, k->live, monitor_now());
	if (status == OK)
		status = store_live_commit(k->live);
	if (status != OK)
		keeper_put_off(k);
	else
		keeper_notices_tell(&k->notices, k->alerts.rules, monitor_now(),
		                    keeper_alerts_now(&k->alerts, monitor_now()));
}

static void step(struct keeper *k)
{
	link_receiver_fill(&k->link);
	keeper_spill_over(k);
	k->forgetting = keeper_notices_hear(&k->notices, monitor_now());
	if (!keeper_is_waiting(k)) {
		keeper_take_frames(k);
		if (!keeper_is_waiting(k) && (k->failing || keeper_commit_is_due(k)))
			keeper_commit(k);
		if (!keeper_is_waiting(k) && k->batch == 0)
			hand_notices(k);
	}
	if (k->link.fd >= 0 && (!keeper_is_waiting(k) || !spill_is_empty(&k->spill)))
		change_engine(k);
	if (k->watch.count && !keeper_is_waiting(k))
		answer_parent(k);
}

static void run(struct keeper *k)
{
	while (!is_over(k)) {
		if (keeper_is_waiting(k) || !keeper_has_more(k))
			wait_for_work(k);
		hear_parent(k);
		keeper_watch_store(k);
		if (!k->broken)
			step(k);
		if (!k->broken)
			keeper_upkeep(k);
		say_alive(k);
	}
}

/* Of an engine that has ended: its records waited, and are kept now; or still wait. */
static void settle_run(struct keeper *k)
{
	enum status status = OK;
	if (k->batch && !k->failing)
		keeper_commit(k);
	if (k->greeted && spill_is_empty(&k->spill) && k->link.fd < 0)
		status = keeper_end_run(k, 0);
	else if (!spill_is_empty(&k->spill) && !k->batch)
		status = keeper_add_spilled_account(k);
	if (status == OK && !k->failing && !k->batch && k->greeted &&
	    !spill_is_empty(&k->spill))
		status = store_live_wait(k->live);
	if (status != OK)
		keeper_put_off(k);
}

static int live(struct keeper *k)
{
	char error[SANDBOX_ERROR_SIZE];
	char folder[KEEPER_PATH] = "";
	const struct control ready = { .kind = CONTROL_READY };
	(void)sandbox_folder_of(k->options->db, folder, sizeof folder);
	if (sandbox_enter(SANDBOX_KEEPER, &k->options->keeper, *folder ? folder : NULL,
	                  k->options->insecure, error) != OK) {
		warnx("keeper: %s; it will not run like that without --insecure", error);
		return EXIT_FAILURE;
	}
	if (link_receiver_init(&k->link) != OK || keeper_open_store(k) != OK ||
	    keeper_alerts_open(&k->alerts, k->options) != OK)
		return EXIT_FAILURE;
	keeper_desk_tend(&k->desk, k->options->db, &k->alerts, monitor_now());
	if (keeper_alerts_recall(&k->alerts, k->live) != OK)
		return EXIT_FAILURE;
	keeper_alerts_restore(&k->alerts, &k->notices, k->options->db);
	k->web = monitor_web_start(k->options);
	if (control_send(k->control, &ready, -1) != OK)
		return EXIT_FAILURE;
	keeper_look_at_store(k);
	keeper_open_spill(k);
	k->full_check_at = monitor_clock() + FIRST_FULL_CHECK;
	k->health_at = monitor_clock();
	run(k);
	if (!k->broken) {
		keeper_spill_over(k);
		settle_run(k);
	}
	if (!spill_is_empty(&k->spill))
		warnx("keeper: records wait in %s.spill for the next start",
		      k->options->db);
	if (k->broken)
		return EXIT_FAILURE;
	/* If nothing waits in the spill file, what failed is the end of the run. */
	const bool ended = !k->failing || !k->greeted || !spill_is_empty(&k->spill);
	/* What is of the spill file is still there. */
	const bool all = ended && !keeper_link_has_more(k) &&
	                 (k->batch == 0 || keeper_source(k) == KEEPER_SPILL) &&
	                 k->event_count == 0 && (!k->greeted || k->alerts.count == 0);
	const struct control kept = { .kind = CONTROL_KEPT };
	if (!all)
		warnx("keeper: %s does not take the last records, or the end of the run: "
		      "they are lost",
		      k->options->db);
	else if (k->control >= 0 && control_send(k->control, &kept, -1) != OK)
		warnx("keeper: nobody hears that all is kept");
	return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

int monitor_keeper(const struct monitor_options *options, int control)
{
	struct keeper *k = calloc(1, sizeof *k);
	if (!k) {
		warnx("keeper: memory ran out");
		return EXIT_FAILURE;
	}
	umask(0077); /* what people said to whom is nobody else's business */
	k->options = options;
	k->control = control;
	k->link.fd = k->next_link = -1;
	k->interface_count = options->interface_count;
	for (size_t i = 0; i < k->interface_count; i++)
		text_copy(k->interfaces[i].name, sizeof k->interfaces[i].name,
		          text_from(options->interfaces[i]));
	keeper_notices_init(&k->notices, &options->config->notify,
	                    options->config->settings.sensor);
	const int status = live(k);
	monitor_web_stop(k->web);
	keeper_close_store(k);
	link_receiver_free(&k->link);
	keeper_alerts_free(&k->alerts);
	keeper_notices_free(&k->notices);
	keeper_calls_free(&k->calls);
	told_free(&k->notices.told);
	keeper_desk_free(&k->desk);
	spill_close(&k->spill);
	buffer_free(&k->account);
	buffer_free(&k->spilled_account);
	free(k);
	return status;
}
