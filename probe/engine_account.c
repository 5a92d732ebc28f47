#include "probe/engine_account.h"

#include <err.h>
#include <inttypes.h>
#include <math.h>

#include "probe/print_json.h"
#include "web/buffer.h"

/* --- what the kernel counts ----------------------------------------------------------- */

/* The kernel's counters of drops; *dropped: of all together. */
static void count_drops(struct engine *e, uint64_t *dropped)
{
	struct engine_feeds *f = &e->feeds;
	*dropped = f->hep ? hep_source_stats(f->hep)->dropped : 0;
	for (size_t i = 0; i < e->options->interface_count; i++) {
		f->stats[i] = f->gone[i];
		if (f->sources[i]) {
			const struct live_source_stats now =
			        live_source_stats(f->sources[i]);
			f->stats[i].received += now.received;
			f->stats[i].dropped += now.dropped;
			f->stats[i].waiting = now.waiting;
		}
		*dropped += f->stats[i].dropped;
		ledger_set(&e->ledger->dropped[i], f->stats[i].dropped);
	}
}

/* What was not taken out of the rings was dropped; how much. */
static uint64_t count_rest(struct engine *e)
{
	uint64_t rest = 0;
	for (size_t i = 0; i < e->options->interface_count; i++) {
		struct live_source_stats *stats = &e->feeds.stats[i];
		if (stats->waiting)
			warnx("engine: %s: %" PRIu64
			      " frames were still in the ring at the end: counted as dropped",
			      e->options->interfaces[i], stats->waiting);
		rest += stats->waiting;
		stats->dropped += stats->waiting;
		ledger_set(&e->ledger->dropped[i], stats->dropped);
		if (e->feeds.sources[i])
			live_source_settle(e->feeds.sources[i], stats->waiting);
		stats->waiting = 0;
	}
	return rest;
}

void engine_note_drops(struct engine *e, bool last)
{
	uint64_t dropped;
	count_drops(e, &dropped);
	if (last)
		dropped += count_rest(e);
	pipeline_note_dropped(e->pipeline, dropped);
}

/* --- what is told --------------------------------------------------------------------- */

static void add_mirror(const struct engine *e, struct buffer *to)
{
	static const char *const names[MIRROR_SIDES] = {
		[MIRROR_SIGNALLING] = "\"signalling\"",
		[MIRROR_MEDIA] = "\"media\"",
	};
	const char *comma = "";
	buffer_add_string(to, ",\"one_sided\":[");
	for (size_t side = 0; side < MIRROR_SIDES; side++) {
		if (!e->feeds.mirror.sides[side].one_sided)
			continue;
		buffer_format(to, "%s%s", comma, names[side]);
		comma = ",";
	}
	buffer_add_char(to, ']');
}

static void add_agent(const struct hep_agent *agent, struct buffer *to)
{
	char address[ADDRESS_TEXT_SIZE];
	buffer_format(to,
	              "{\"address\":\"%s\",\"capture_id\":%u,\"facts\":%" PRIu64
	              ",\"sip\":%" PRIu64 ",\"rtcp\":%" PRIu64 ",\"rtp\":%" PRIu64
	              ",\"logs\":%" PRIu64 ",\"others\":%" PRIu64
	              ",\"clock_wrong\":%s,\"clock_skewed\":%" PRIu64
	              ",\"clock_jumps\":%" PRIu64 "}",
	              address_format(&agent->address, address), agent->capture_id,
	              agent->facts, agent->sip, agent->rtcp, agent->rtp, agent->logs,
	              agent->others, agent->clock.flagged ? "true" : "false",
	              agent->clock.skewed, agent->clock.jumps);
}

static void add_hep(struct engine *e, struct buffer *to)
{
	if (!e->feeds.hep)
		return;
	const struct hep_source_stats *stats = hep_source_stats(e->feeds.hep);
	const struct hep_agents *agents = hep_source_agents(e->feeds.hep);
	buffer_format(to,
	              ",\"hep\":{\"received\":%" PRIu64 ",\"refused\":%" PRIu64
	              ",\"unauthenticated\":%" PRIu64 ",\"malformed\":%" PRIu64
	              ",\"dropped\":%" PRIu64 ",\"closed\":%" PRIu64
	              ",\"agents_evicted\":%" PRIu64 ",\"agents\":[",
	              stats->received, stats->refused, stats->unauthenticated,
	              stats->malformed, stats->dropped, stats->closed, agents->evicted);
	const char *comma = "";
	for (size_t i = 0; i < HEP_AGENTS; i++) {
		if (!agents->of[i].is_there)
			continue;
		buffer_add_string(to, comma);
		add_agent(&agents->of[i], to);
		comma = ",";
	}
	buffer_add_string(to, "]}");
}

static void add_workers(const struct engine *engine, struct buffer *to)
{
	if (!engine->feeds.workers)
		return;
	const struct capture_workers_state state =
	        capture_workers_state(engine->feeds.workers);
	buffer_format(to,
	              ",\"workers\":{\"threads\":%zu,\"queued_batches\":%zu,"
	              "\"queued_batches_most\":%zu,\"queue_batches\":%zu,"
	              "\"late_frames\":%" PRIu64 "}",
	              state.workers, state.batches, state.most_batches, state.all_batches,
	              state.late);
}

/* What the queue and the interfaces count, as members more of the summary. */
static void add_members(struct engine *e, struct buffer *text)
{
	while (text->len && text->at[text->len - 1] != '}')
		text->len--;
	text->len -= text->len > 0;
	buffer_format(text, ",\"queue_bytes\":%zu,\"records_not_kept\":{",
	              link_sender_bytes(e->sender));
	const char *comma = "";
	for (size_t i = 0; i < LINK_LOSS_COUNT; i++) {
		const uint64_t count = link_sender_not_kept(e->sender, i);
		if (count == 0)
			continue;
		buffer_format(text, "%s\"%s\":%" PRIu64, comma, link_loss_name(i), count);
		comma = ",";
	}
	buffer_add_string(text, "},\"kernel\":[");
	for (size_t i = 0; i < e->options->interface_count; i++)
		buffer_format(text,
		              "%s{\"received\":%" PRIu64 ",\"dropped\":%" PRIu64
		              ",\"waiting\":%" PRIu64 ",\"silent\":%s}",
		              i ? "," : "", e->feeds.stats[i].received,
		              e->feeds.stats[i].dropped, e->feeds.stats[i].waiting,
		              e->feeds.mirror.of[i].silent ? "true" : "false");
	buffer_add_char(text, ']');
	buffer_format(text, ",\"clock_set\":%" PRIu64, e->clock.jumps);
	add_workers(e, text);
	add_mirror(e, text);
	add_hep(e, text);
	buffer_add_char(text, '}');
}

/* Before the first file of a folder there is nothing to be numbered by. */
static bool may_tell_account(const struct engine *e)
{
	return !e->watch || link_sender_number(e->sender) > 0;
}

static void tell_numbers(struct engine *e, const struct summary *summary, struct text json)
{
	struct link_account account = { .frames = summary->frames,
		                        .parsed = summary->parsed,
		                        .not_ours = summary->not_ours };
	account.capture_lost = (uint64_t)llround(summary->losses.capture);
	for (size_t i = 0; i < REASON_COUNT; i++) {
		account.malformed += summary->malformed[i];
		account.dropped += summary->dropped[i];
	}
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		account.kernel_dropped[i] = e->feeds.stats[i].dropped;
		/* What waits is told once it is analysed, or counted as lost. */
		account.kernel_received[i] = account.kernel_dropped[i];
		if (e->ledger)
			account.kernel_received[i] += ledger_get(&e->ledger->analysed[i]);
	}
	link_sender_account(e->sender, &account, json);
}

void engine_tell_account(struct engine *e)
{
	const struct summary summary = pipeline_summary(e->pipeline);
	struct buffer text = { 0 };
	json_add_summary(&text, &summary);
	add_members(e, &text);
	if (!text.failed && may_tell_account(e))
		tell_numbers(e, &summary, buffer_text(&text));
	buffer_free(&text);
}
