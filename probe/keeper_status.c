/* keeper_status.c - how the keeper fares, for `earshot status`. */
#include <inttypes.h>
#include <unistd.h>

#include "probe/keeper.h"
#include "probe/monitor_status.h"

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

void keeper_tell_status(const struct keeper *k, int connection)
{
	struct buffer text = { 0 };
	buffer_format(&text,
	              ",\"store\":{\"durable\":%" PRIu64
	              ",\"waiting\":%s,\"held_bytes\":%zu,"
	              "\"spill_bytes\":%zu,",
	              store_live_durable(k->live), k->failing ? "true" : "false",
	              k->link.filled - k->link.kept_to, k->spill.end);
	add_trouble(k, &text);
	buffer_add_char(&text, '}');
	add_account(k, &text);
	buffer_add_string(&text, "}\n");
	if (!text.failed)
		(void)!status_write(connection, buffer_text(&text));
	buffer_free(&text);
}
