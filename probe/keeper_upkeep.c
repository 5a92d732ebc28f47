/* keeper_upkeep.c - what the keeper does beside keeping: it makes room, and notes down each
 * minute how the probe fared. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "probe/keeper.h"

#define DISK_EVERY (10 * NS_PER_SEC)
#define HEALTH_EVERY (60 * NS_PER_SEC)
/* At a time, and how long records come first after it. */
#define UPKEEP_TIME (30 * NS_PER_MS)
#define UPKEEP_PAUSE (20 * NS_PER_MS)

static nstime days(double count)
{
	return (nstime)(count * 86400 * NS_PER_SEC);
}

enum status keeper_limit_store(struct keeper *k)
{
	const struct config *config =
	        k->alerts.config ? k->alerts.config : k->options->config;
	struct retention_limits limits = { .least = days(config->store.least_days) };
	for (size_t i = 0; i < RETENTION_CLASS_COUNT; i++) {
		limits.age[i] = days(config->store.keep_days[i]);
		limits.bytes[i] = (uint64_t)config->store.most_mib[i] << 20;
	}
	return store_live_limit(k->live, &limits);
}

/* --- room ----------------------------------------------------------------------------- */

static void look_at_disk(struct keeper *k)
{
	struct statvfs disk;
	const struct config *config = k->alerts.config;
	if (monitor_clock() < k->disk_at)
		return;
	k->disk_at = monitor_clock() + DISK_EVERY;
	if (statvfs(k->options->db, &disk) || disk.f_blocks == 0)
		return;
	k->free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	keeper_alerts_disk(&k->alerts, 100 * (double)disk.f_bavail / (double)disk.f_blocks,
	                   monitor_now());
	const bool low =
	        k->free_bytes >> 20 < config->store.free_mib ||
	        (uint64_t)disk.f_bavail * 100 / disk.f_blocks < config->store.free_pct;
	if (low && !k->disk_low)
		warnx("keeper: the disk fills up: the oldest detail goes");
	k->disk_low = low;
}

static void make_room(struct keeper *k)
{
	const nstime now = monitor_clock();
	if (k->batch || k->failing || now < k->upkeep_at)
		return;
	look_at_disk(k);
	const bool more =
	        store_live_upkeep(k->live, monitor_now(), now, k->disk_low, UPKEEP_TIME);
	k->upkeep_at = monitor_clock() + (more ? UPKEEP_PAUSE : NS_PER_SEC);
}

/* --- health --------------------------------------------------------------------------- */

static int64_t since(uint64_t now, uint64_t before)
{
	return now >= before ? (int64_t)(now - before) : 0;
}

static enum status add_row(struct keeper *k, const char *source, const int64_t *figures)
{
	struct live_health health = { .at = monitor_now(),
		                      .length = monitor_clock() - k->health_at,
		                      .source = source };
	memcpy(health.figures, figures, sizeof health.figures);
	return store_live_health(k->live, &health);
}

static void clear(int64_t figures[LIVE_FIGURES])
{
	for (size_t i = 0; i < LIVE_FIGURES; i++)
		figures[i] = -1;
}

static int64_t not_kept(const struct link_account *account)
{
	uint64_t total = 0;
	for (size_t i = 0; i < LINK_LOSS_COUNT; i++)
		total += account->not_kept[i];
	return (int64_t)total;
}

struct notice_pulse keeper_pulse(const struct keeper *k)
{
	struct notice_pulse pulse = { .frames = k->account_now.frames,
		                      .dropped = k->account_now.dropped };
	for (size_t i = 0; i < LIVE_SOURCES; i++)
		pulse.dropped += k->account_now.kernel_dropped[i];
	return pulse;
}

static enum status add_total(struct keeper *k)
{
	int64_t f[LIVE_FIGURES];
	const struct link_account *now = &k->account_now;
	const struct link_account *then = &k->account_then;
	clear(f);
	f[LIVE_FRAMES] = since(now->frames, then->frames);
	f[LIVE_PARSED] = since(now->parsed, then->parsed);
	f[LIVE_NOT_OURS] = since(now->not_ours, then->not_ours);
	f[LIVE_MALFORMED] = since(now->malformed, then->malformed);
	f[LIVE_DROPPED] = since(now->dropped, then->dropped);
	f[LIVE_KERNEL_DROPPED] = f[LIVE_INTERFACE_DROPPED] = f[LIVE_LOST] = 0;
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		f[LIVE_KERNEL_DROPPED] +=
		        since(now->kernel_dropped[i], then->kernel_dropped[i]);
		f[LIVE_INTERFACE_DROPPED] +=
		        since(k->interface_now[i], k->interface_then[i]);
		f[LIVE_LOST] += since(k->lost_now[i], k->lost_then[i]);
	}
	f[LIVE_CAPTURE_LOST] = since(now->capture_lost, then->capture_lost);
	f[LIVE_RECORDS_NOT_KEPT] = not_kept(now) - not_kept(then);
	f[LIVE_QUEUE_BYTES] = (int64_t)now->queue_bytes;
	f[LIVE_QUEUE_MOST_BYTES] = (int64_t)k->queue_most;
	f[LIVE_HELD_BYTES] = (int64_t)(k->link.filled - k->link.kept_to);
	f[LIVE_SPILL_BYTES] = (int64_t)k->spill.end;
	f[LIVE_LAG_MS] = k->lag / NS_PER_MS;
	f[LIVE_STALL_MS] = store_live_facts(k->live).longest / NS_PER_MS;
	f[LIVE_ENGINE_BYTES] = (int64_t)k->memory[CONTROL_MEMORY_ENGINE];
	f[LIVE_KEEPER_BYTES] = (int64_t)k->memory[CONTROL_MEMORY_KEEPER];
	f[LIVE_PARENT_BYTES] = (int64_t)k->memory[CONTROL_MEMORY_PARENT];
	f[LIVE_DB_BYTES] = store_live_bytes(k->live);
	f[LIVE_FREE_BYTES] = (int64_t)k->free_bytes;
	return add_row(k, NULL, f);
}

static enum status add_source(struct keeper *k, size_t i)
{
	int64_t f[LIVE_FIGURES];
	clear(f);
	f[LIVE_FRAMES] = since(
	        k->account_now.kernel_received[i] - k->account_now.kernel_dropped[i],
	        k->account_then.kernel_received[i] - k->account_then.kernel_dropped[i]);
	f[LIVE_KERNEL_DROPPED] =
	        since(k->account_now.kernel_dropped[i], k->account_then.kernel_dropped[i]);
	f[LIVE_INTERFACE_DROPPED] = since(k->interface_now[i], k->interface_then[i]);
	f[LIVE_LOST] = since(k->lost_now[i], k->lost_then[i]);
	/* One that was given up has nothing to tell. */
	if (k->interfaces[i].given_up && f[LIVE_FRAMES] == 0 &&
	    f[LIVE_KERNEL_DROPPED] == 0 && f[LIVE_LOST] == 0)
		return OK;
	return add_row(k, k->interfaces[i].name, f);
}

/* A row for the time since the last one, into the batch. */
static enum status keeper_note_health(struct keeper *k)
{
	enum status status = add_total(k);
	for (size_t i = 0; i < k->interface_count && status == OK; i++)
		status = add_source(k, i);
	if (status != OK)
		return status;
	k->health_at = monitor_clock();
	k->account_then = k->account_now;
	memcpy(k->interface_then, k->interface_now, sizeof k->interface_then);
	memcpy(k->lost_then, k->lost_now, sizeof k->lost_then);
	k->lag = 0;
	k->queue_most = k->account_now.queue_bytes;
	return OK;
}

void keeper_call_interface(struct keeper *k, const struct control *message)
{
	const uint32_t i = message->number;
	if (i >= LIVE_SOURCES)
		return;
	struct keeper_interface *interface = &k->interfaces[i];
	text_copy(interface->name, sizeof interface->name, text_from(message->text));
	interface->given_up = message->what != 0;
	if (i >= k->interface_count)
		k->interface_count = i + 1;
}

void keeper_hear_health(struct keeper *k, const struct control *message)
{
	const uint32_t i = message->number;
	if (i >= LIVE_SOURCES) {
		memcpy(k->memory, message->counts, sizeof k->memory);
		return;
	}
	k->interface_now[i] = message->counts[0];
	if (!k->interface_known[i]) /* the keeper before has noted these */
		k->interface_then[i] = k->interface_now[i];
	k->interface_known[i] = true;
}

static uint64_t more(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void hear_of_source(struct keeper *k, const struct control *message)
{
	const uint32_t i = message->number;
	const uint64_t *counts = message->counts;
	struct link_account *account = &k->last.account;
	/* It may come in two parts, of which the second tells of what was lost alone. */
	account->kernel_received[i] =
	        more(account->kernel_received[i], counts[0] + counts[1]);
	account->kernel_dropped[i] = more(account->kernel_dropped[i], counts[1]);
	/* Of one that never had a stream nothing else is known of. */
	const bool unheard = !k->greeted && k->hello_len && !k->ended;
	k->last.lost[i] += counts[2] + (unheard ? counts[0] + counts[1] : 0);
}

void keeper_hear_last(struct keeper *k, const struct control *message)
{
	const uint64_t *counts = message->counts;
	if (message->number < LIVE_SOURCES) {
		hear_of_source(k, message);
		return;
	}
	struct link_account *account = &k->last.account;
	account->frames = more(account->frames, counts[0]);
	account->parsed = more(account->parsed, counts[1]);
	account->not_ours = more(account->not_ours, counts[2]);
	account->malformed = more(account->malformed, counts[3]);
	account->dropped = more(account->dropped, counts[4]);
	k->last.is_there = k->greeted;
	if (k->greeted)
		return;
	for (size_t i = 0; i < LIVE_SOURCES; i++)
		k->lost_now[i] += k->last.lost[i];
	k->last = (struct keeper_last){ .is_there = false };
}

/* The figures that the dead engine could not send any more; its own account stays beside.
 */
static enum status take_last(struct keeper *k)
{
	struct link_account *now = &k->account_now;
	const struct link_account *last = &k->last.account;
	struct buffer text = { 0 };
	uint64_t lost = 0;
	now->frames = more(now->frames, last->frames);
	now->parsed = more(now->parsed, last->parsed);
	now->not_ours = more(now->not_ours, last->not_ours);
	now->malformed = more(now->malformed, last->malformed);
	now->dropped = more(now->dropped, last->dropped);
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		now->kernel_received[i] =
		        more(now->kernel_received[i], last->kernel_received[i]);
		now->kernel_dropped[i] =
		        more(now->kernel_dropped[i], last->kernel_dropped[i]);
		k->lost_now[i] += k->last.lost[i];
		lost += k->last.lost[i];
	}
	if (k->account.len && !k->account.failed) {
		buffer_add(&text, (struct text){ k->account.at, k->account.len - 1 });
		buffer_format(&text,
		              ",\"at_death\":{\"frames\":%" PRIu64 ",\"lost\":%" PRIu64
		              "}}",
		              now->frames, lost);
	}
	const struct live_account account = {
		.ahead = true,
		.frames = now->frames,
		.at = monitor_now(),
		.summary = buffer_text(&text),
	};
	k->last = (struct keeper_last){ .is_there = false };
	const enum status status =
	        text.failed ? ERR_NOMEM : store_live_account(k->live, &account);
	buffer_free(&text);
	return status;
}

enum status keeper_end_run(struct keeper *k, uint64_t number)
{
	enum status status = k->last.is_there && !number ? take_last(k) : OK;
	if (status == OK)
		status = keeper_note_health(k);
	return status == OK ? store_live_end(k->live, number) : status;
}

void keeper_upkeep(struct keeper *k)
{
	if (k->stopping || k->ending)
		return;
	make_room(k);
	if (k->failing || monitor_clock() - k->health_at < HEALTH_EVERY)
		return;
	if (k->batch++ == 0)
		k->batch_at = monitor_clock();
	if (keeper_note_health(k) != OK)
		keeper_put_off(k);
}
