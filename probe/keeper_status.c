/* keeper_status.c - how the keeper fares, for `earshot status`. */
#include <inttypes.h>
#include <unistd.h>

#include "probe/keeper.h"
#include "probe/monitor_status.h"
#include "web/display.h"

static void add_trouble(const struct keeper *k, struct buffer *text)
{
	if (!k->failing) {
		buffer_add_string(text, "\"trouble\":null,\"waiting_s\":null");
		return;
	}
	const nstime waited = monitor_now() - k->failing_since;
	buffer_format(text, "\"trouble\":\"%s\",\"waiting_s\":%lld",
	              live_trouble_names[k->trouble],
	              (long long)(waited > 0 ? waited / NS_PER_SEC : 0));
}

/* What is kept, and what had to go. */
static void add_upkeep(const struct keeper *k, struct buffer *text)
{
	const struct retention_facts facts = store_live_facts(k->live);
	buffer_format(text,
	              ",\"bytes\":%" PRId64 ",\"disk_free_bytes\":%" PRIu64
	              ",\"disk_low\":%s,\"lag_ms\":%" PRId64 ",\"stall_ms\":%" PRId64
	              ",\"deleted\":{",
	              store_live_bytes(k->live), k->free_bytes,
	              k->disk_low ? "true" : "false", k->lag / NS_PER_MS,
	              facts.longest / NS_PER_MS);
	for (size_t i = 0; i < RETENTION_CLASS_COUNT; i++)
		buffer_format(text, "%s\"%s\":%" PRIu64, i ? "," : "",
		              retention_class_names[i], facts.deleted[i]);
	buffer_add_string(text, "},\"memory\":{");
	static const char *const processes[CONTROL_MEMORY_COUNT] = { "parent", "engine",
		                                                     "keeper" };
	for (size_t i = 0; i < CONTROL_MEMORY_COUNT; i++)
		buffer_format(text, "%s\"%s\":%" PRIu64, i ? "," : "", processes[i],
		              k->memory[i]);
	buffer_add_char(text, '}');
}

static void add_account(const struct keeper *k, struct buffer *text)
{
	buffer_add_string(text, ",\"account_age_s\":");
	if (!k->account.len || k->account.failed) {
		buffer_add_string(text, "null,\"account\":null");
		return;
	}
	buffer_format(text, "%lld,\"account\":",
	              (long long)((monitor_clock() - k->account_at) / NS_PER_SEC));
	buffer_add(text, buffer_text(&k->account));
}

/* What befell the probe, the latest last. */
static void add_recent(const struct keeper *k, struct buffer *text)
{
	const size_t first =
	        k->recent_count > KEEPER_RECENT ? k->recent_count - KEEPER_RECENT : 0;
	buffer_add_string(text, ",\"events\":[");
	for (size_t i = first; i < k->recent_count; i++) {
		const size_t place = i % KEEPER_RECENT;
		buffer_format(text, "%s{\"at\":%lld,\"what\":\"%s\",\"subject\":",
		              i > first ? "," : "",
		              (long long)(k->recent[place].at / NS_PER_SEC),
		              live_what_names[k->recent[place].what]);
		status_add_string(text, k->recent[place].subject);
		buffer_add_char(text, '}');
	}
	buffer_add_char(text, ']');
}

static void add_store(const struct keeper *k, struct buffer *text)
{
	buffer_format(text,
	              ",\"store\":{\"durable\":%" PRIu64
	              ",\"waiting\":%s,\"held_bytes\":%zu,"
	              "\"spill_bytes\":%zu,",
	              store_live_durable(k->live), k->failing ? "true" : "false",
	              k->link.filled - k->link.kept_to, k->spill.end);
	add_trouble(k, text);
	add_upkeep(k, text);
	buffer_add_char(text, '}');
}

/* Asked of the database, which may be busy: not more often than people look. */
static void add_receivers(const struct keeper *k, struct buffer *text)
{
	buffer_add_string(text, ",\"receivers\":");
	keeper_notices_add_status(&k->notices, k->live, text);
}

void keeper_add_standing(const struct keeper *k, struct buffer *to)
{
	buffer_add_string(to, "{\"kind\":\"live\",\"at\":\"");
	display_time(to, monitor_now(), 6);
	buffer_add_char(to, '"');
	add_store(k, to);
	add_receivers(k, to);
	add_account(k, to);
}

void keeper_tell_status(const struct keeper *k, int connection)
{
	struct buffer text = { 0 };
	add_store(k, &text);
	add_receivers(k, &text);
	add_recent(k, &text);
	add_account(k, &text);
	buffer_add_string(&text, "}\n");
	if (!text.failed)
		(void)!status_write(connection, buffer_text(&text));
	buffer_free(&text);
}
