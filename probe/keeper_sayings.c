/* keeper_sayings.c - what receivers are told without a change of state: many alerts in one
 * line, what still fires, and that the probe lives; and how receivers fare
 * (keeper_notices.h). */
#include "probe/keeper_notices.h"

#include <string.h>
#include <sys/socket.h>

#include "analyzer/base/hash.h"
#include "probe/notify_json.h"
#include "schema/desk.h"
#include "web/display.h"
#include "web/record_json.h"

#define LOOK_EVERY NS_PER_SEC
#define SUMMARY_EVERY (60 * NS_PER_SEC)
/* Enough for one more alert in the list. */
enum { LIST_FULL = NOTICE_MAX - 6144, RULES_NAMED = 6 };

static uint64_t next_id(struct keeper_notices *n, nstime now)
{
	static const struct hash_key key = { 0x6561727368, 0x736179696e67 };
	const uint64_t words[] = { (uint64_t)now, n->saying++ };
	return hash_bytes(&key, words, sizeof words);
}

void keeper_notices_pass(struct keeper_notices *n, uint32_t receiver, uint64_t id,
                         struct text text)
{
	struct notice_packet packet = { .id = id,
		                        .receiver = receiver,
		                        .kind = NOTICE_MESSAGE };
	packet.len = (uint32_t)(text.len < NOTICE_MAX ? text.len : NOTICE_MAX);
	memcpy(packet.text, text.at, packet.len);
	if (n->fd < 0 || send(n->fd, &packet, NOTICE_HEAD + (size_t)packet.len,
	                      MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		n->of[receiver].passing_dropped++;
}

/* --- many in one ---------------------------------------------------------------------- */

struct summing {
	uint64_t total;
	size_t rules;
	struct buffer words;
};

static void sum(void *self, struct text rule, uint64_t count)
{
	struct summing *s = self;
	s->total += count;
	if (s->rules++ >= RULES_NAMED)
		return;
	buffer_format(&s->words, "%s%llu %.*s", s->words.len ? ", " : "",
	              (unsigned long long)count, (int)rule.len, rule.at);
}

static enum status put_saying(struct keeper_notices *n, struct store_live *live, size_t i,
                              const struct notify_saying *saying)
{
	const struct receiver *receiver = &n->settings.receivers[i];
	struct buffer text = { 0 };
	enum status status = OK;
	if (notify_say(&n->settings, receiver, saying, &text)) {
		const struct stored_notice notice = {
			.receiver = receiver->name,
			.delivery = saying->delivery,
			.at = saying->at,
			.form = notify_form(receiver),
			.text = buffer_text(&text),
		};
		status = text.failed ? ERR_NOMEM : store_notice_add(live, &notice);
		n->of[i].waiting = true;
	}
	buffer_free(&text);
	return status;
}

static enum status summarise(struct keeper_notices *n, struct store_live *live, size_t i,
                             nstime now)
{
	const char *name = n->settings.receivers[i].name;
	uint64_t count;
	struct summing s = { .total = 0 };
	struct buffer words = { 0 };
	enum status status = store_notices_count(live, name, NOTICE_TOGETHER, 0, &count);
	if (status != OK || count == 0)
		return status;
	status = store_notices_together(live, name, sum, &s);
	buffer_format(&words, "%llu alert%s not sent singly: ", (unsigned long long)s.total,
	              s.total == 1 ? "" : "s");
	buffer_add(&words, buffer_text(&s.words));
	if (s.rules > RULES_NAMED)
		buffer_format(&words, " and %zu more rules", s.rules - RULES_NAMED);
	if (n->settings.link[0])
		buffer_format(&words, " %s", n->settings.link);
	const struct notify_saying saying = {
		.kind = "summary",
		.at = now,
		.delivery = next_id(n, now),
		.severity = SEVERITY_WARNING,
		.counts = { { "count", s.total } },
		.count = 1,
		.text = buffer_text(&words),
	};
	if (status == OK && !words.failed)
		status = put_saying(n, live, i, &saying);
	buffer_free(&words);
	buffer_free(&s.words);
	return status;
}

/* --- what still fires ----------------------------------------------------------------- */

/* Who has it in hand needs no reminder. */
static bool is_in_hand(const struct keeper_notices *n, uint64_t alert)
{
	struct desk_note note = { .action = DESK_NOTHING };
	return n->state && desk_in_hand(n->state, alert, &note) == OK &&
	       note.action == DESK_ACKNOWLEDGED;
}

static enum status remind(struct keeper_notices *n, struct store_live *live, size_t i,
                          nstime now)
{
	const struct receiver *receiver = &n->settings.receivers[i];
	enum status status = OK;
	if (!receiver->reminder || receiver->transport == RECEIVER_ALERTMANAGER)
		return OK;
	for (size_t e = 0; e < n->told.count && status == OK; e++) {
		struct told_alert *told = &n->told.list[e];
		if (!(told->told & 1U << i) || now < told->remind_at[i] || told->over)
			continue;
		told->remind_at[i] = now + receiver->reminder;
		if (is_in_hand(n, told->alert.id))
			continue;
		struct alert_record alert = told->alert;
		alert.at = now;
		alert.state = ALERT_FIRING;
		status = keeper_notices_put(n, live, i, &alert, TOLD_AGAIN, now);
	}
	return status;
}

static void pass_list(struct keeper_notices *n, size_t i, struct buffer *list, nstime now)
{
	buffer_add_char(list, ']');
	if (!list->failed)
		keeper_notices_pass(n, (uint32_t)i, next_id(n, now), buffer_text(list));
	list->len = 0;
}

static void repeat(struct keeper_notices *n, size_t i, nstime now)
{
	struct buffer list = { 0 };
	if (n->settings.receivers[i].transport != RECEIVER_ALERTMANAGER ||
	    now < n->of[i].repeat_at || n->fd < 0)
		return;
	n->of[i].repeat_at = now + n->settings.receivers[i].resend;
	for (size_t e = 0; e < n->told.count; e++) {
		struct alert_record alert = n->told.list[e].alert;
		if (!(n->told.list[e].told & 1U << i) || n->told.list[e].over)
			continue;
		if (list.len == 0)
			buffer_add_char(&list, '[');
		alert.state = ALERT_FIRING;
		notify_alertmanager_add(&n->settings, &alert, &list);
		if (list.len > LIST_FULL)
			pass_list(n, i, &list, now);
	}
	if (list.len > 0)
		pass_list(n, i, &list, now);
	buffer_free(&list);
}

/* --- that it lives -------------------------------------------------------------------- */

static void beat(struct keeper_notices *n, struct store_live *live, size_t i,
                 const struct notice_pulse *pulse, nstime now)
{
	const struct receiver *receiver = &n->settings.receivers[i];
	uint64_t calls = 0;
	struct buffer words = { 0 };
	struct buffer text = { 0 };
	if (!receiver->heartbeat || now < n->of[i].heartbeat_at || n->fd < 0)
		return;
	if (store_notices_calls(live, &calls) != OK)
		return;
	n->of[i].heartbeat_at = now + receiver->heartbeat;
	uint64_t firing = 0;
	for (size_t e = 0; e < n->told.count; e++)
		firing += n->told.list[e].alert.state == ALERT_FIRING;
	buffer_format(
	        &words,
	        "the probe lives: %llu calls in progress, %llu packets and %llu dropped so "
	        "far, %llu alerts fire",
	        (unsigned long long)calls, (unsigned long long)pulse->frames,
	        (unsigned long long)pulse->dropped, (unsigned long long)firing);
	const struct notify_saying saying = {
		.kind = "heartbeat",
		.at = now,
		.delivery = next_id(n, now),
		.severity = SEVERITY_INFO,
		.counts = { { "calls", calls },
		            { "packets", pulse->frames },
		            { "dropped", pulse->dropped },
		            { "alerts", firing } },
		.count = 4,
		.text = buffer_text(&words),
	};
	if (notify_say(&n->settings, receiver, &saying, &text) && !text.failed &&
	    !words.failed)
		keeper_notices_pass(n, (uint32_t)i, saying.delivery, buffer_text(&text));
	buffer_free(&text);
	buffer_free(&words);
}

enum status keeper_notices_say(struct keeper_notices *n, struct store_live *live,
                               const struct notice_pulse *pulse, nstime now)
{
	enum status status = OK;
	if (now - n->said_at < LOOK_EVERY && now >= n->said_at)
		return OK;
	n->said_at = now;
	for (size_t i = 0; i < n->settings.count && status == OK; i++) {
		beat(n, live, i, pulse, now);
		repeat(n, i, now);
		status = remind(n, live, i, now);
		if (status != OK || now - n->of[i].summary_at < SUMMARY_EVERY)
			continue;
		n->of[i].summary_at = now;
		status = summarise(n, live, i, now);
	}
	return status;
}

/* --- how they fare -------------------------------------------------------------------- */

/* 0: never. */
static void add_time(struct buffer *out, const char *name, nstime at)
{
	json_add_time(out, name, at ? at : NSTIME_NONE);
}

static void add_count(struct buffer *out, struct store_live *live, const char *receiver,
                      const char *name, enum notice_state state)
{
	uint64_t count;
	if (store_notices_count(live, receiver, state, 0, &count) == OK)
		buffer_format(out, ",\"%s\":%llu", name, (unsigned long long)count);
	else
		buffer_format(out, ",\"%s\":null", name);
}

static void add_receiver(const struct keeper_notices *n, struct store_live *live, size_t i,
                         struct buffer *out)
{
	const struct receiver *receiver = &n->settings.receivers[i];
	const uint64_t left_out = n->of[i].passing_left_out + n->of[i].passing_dropped;
	buffer_add_string(out, "{\"name\":");
	display_json(out, text_from(receiver->name));
	buffer_format(out, ",\"transport\":\"%s\",\"state\":\"%s\"",
	              receiver_transport_names[receiver->transport],
	              n->fd < 0           ? "no_notifier"
	              : n->of[i].error[0] ? "failing"
	              : n->of[i].took_at  ? "good"
	                                  : "idle");
	add_count(out, live, receiver->name, "waiting", NOTICE_WAITING);
	add_count(out, live, receiver->name, "together", NOTICE_TOGETHER);
	add_count(out, live, receiver->name, "dead", NOTICE_DEAD);
	buffer_format(out, ",\"passing_left_out\":%llu", (unsigned long long)left_out);
	add_time(out, "last_taken", n->of[i].took_at);
	add_time(out, "last_failed", n->of[i].failed_at);
	json_add_text(out, "error", n->of[i].error);
	buffer_add_char(out, '}');
}

/* One that the configuration has no more, and that had not got all. */
static void add_stranded(const struct stranded *stranded, struct buffer *out)
{
	buffer_add_string(out, "{\"name\":");
	display_json(out, text_from(stranded->name));
	buffer_format(out,
	              ",\"transport\":null,\"state\":\"removed\",\"waiting\":0,"
	              "\"together\":0,\"dead\":%llu,\"passing_left_out\":0",
	              (unsigned long long)stranded->count);
	add_time(out, "last_taken", 0);
	add_time(out, "last_failed", stranded->at);
	buffer_add_string(out, ",\"error\":null}");
}

void keeper_notices_add_status(const struct keeper_notices *n, struct store_live *live,
                               struct buffer *out)
{
	buffer_add_char(out, '[');
	for (size_t i = 0; i < n->settings.count; i++) {
		buffer_add_string(out, i ? "," : "");
		add_receiver(n, live, i, out);
	}
	for (size_t i = 0; i < n->stranded_count; i++) {
		buffer_add_string(out, i || n->settings.count ? "," : "");
		add_stranded(&n->stranded[i], out);
	}
	buffer_add_char(out, ']');
}
