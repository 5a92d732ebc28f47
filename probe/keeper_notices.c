#include "probe/keeper_notices.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_EVERY (10 * NS_PER_SEC)
#define FACTS_EVERY (10 * NS_PER_SEC)
/* How long what was given up is kept, for people; and what is news after a restart. */
#define DEAD_FOR (2592000 * NS_PER_SEC)
#define SEEN_FOR (120 * NS_PER_SEC)
void keeper_notices_init(struct keeper_notices *n, const struct notify_settings *settings,
                         const char *sensor)
{
	n->settings = *settings;
	n->fd = -1;
	text_copy(n->settings.sensor, sizeof n->settings.sensor, text_from(sensor));
}

void keeper_notices_free(struct keeper_notices *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

void keeper_notices_follow(struct keeper_notices *n, const struct notify_settings *settings)
{
	char sensor[sizeof n->settings.sensor];
	keeper_notices_free(n);
	memcpy(sensor, n->settings.sensor, sizeof sensor);
	told_move(&n->told, &n->settings, settings);
	n->settings = *settings;
	memcpy(n->settings.sensor, sensor, sizeof sensor);
	memset(n->of, 0, sizeof n->of);
	n->sorted = false;
}

void keeper_notices_connect(struct keeper_notices *n, int fd)
{
	keeper_notices_free(n);
	n->fd = fd;
	for (size_t i = 0; i < n->settings.count; i++) {
		n->of[i].handed = n->of[i].delivered;
		n->of[i].waiting = true;
	}
}

enum status keeper_notices_put(struct keeper_notices *n, struct store_live *live, size_t i,
                               const struct alert_record *alert, enum told_verdict how,
                               nstime now)
{
	const struct receiver *receiver = &n->settings.receivers[i];
	struct buffer text = { 0 };
	if (how == TOLD_TOGETHER)
		buffer_add_string(&text, alert->rule);
	else
		notify_message(&n->settings, receiver, alert, how == TOLD_AGAIN, &text);
	const struct stored_notice notice = {
		.receiver = receiver->name,
		.alert = alert->id,
		.delivery = notify_delivery_id(n->settings.sensor, alert),
		.at = now,
		.form = notify_form(receiver),
		.text = buffer_text(&text),
		.together = how == TOLD_TOGETHER,
	};
	const enum status status =
	        text.failed ? ERR_NOMEM : store_notice_add(live, &notice);
	buffer_free(&text);
	n->of[i].waiting = true;
	return status;
}

enum status keeper_notices_add(struct keeper_notices *n, struct store_live *live,
                               const struct alert_record *alert, nstime now)
{
	enum status status = OK;
	for (size_t i = 0; i < n->settings.count && status == OK; i++) {
		const enum told_verdict verdict =
		        told_judge(&n->told, &n->settings, i, alert, now);
		if (verdict == TOLD_NOT)
			continue;
		if (n->settings.receivers[i].transport == RECEIVER_ALERTMANAGER)
			n->of[i].repeat_at = now + n->settings.receivers[i].resend;
		status = keeper_notices_put(n, live, i, alert, verdict, now);
	}
	told_note(&n->told, alert);
	return status;
}

void keeper_notices_restore(struct keeper_notices *n, const struct alert_record *alert,
                            nstime now)
{
	told_restore(&n->told, &n->settings, alert, now);
}

void keeper_notices_kept(struct keeper_notices *n)
{
	told_kept(&n->told);
}

void keeper_notices_undone(struct keeper_notices *n)
{
	told_undone(&n->told);
	n->sorted = false;
}

/* It may say anything: no more than what it was given is delivered, or refused. */
static void hear_packet(struct keeper_notices *n, const struct notice_packet *packet,
                        nstime now)
{
	const size_t i = packet->receiver;
	if (packet->number > n->of[i].handed)
		return;
	if (packet->kind == NOTICE_REFUSED && packet->number > n->of[i].delivered &&
	    n->of[i].refused_count < NOTICES_HANDED) {
		n->of[i].refused[n->of[i].refused_count++] = packet->number;
		n->of[i].given_up++;
		n->of[i].gave_up_at = now;
	}
	if (packet->kind != NOTICE_DELIVERED)
		return;
	if (packet->number > n->of[i].delivered) {
		n->of[i].delivered = packet->number;
		n->of[i].took_at = now;
	}
	n->of[i].passing_left_out = packet->id;
	text_copy(n->of[i].error, sizeof n->of[i].error,
	          (struct text){ packet->text, packet->len });
	if (packet->len)
		n->of[i].failed_at = now;
	n->of[i].waiting = true;
}

bool keeper_notices_hear(struct keeper_notices *n, nstime now)
{
	struct notice_packet packet;
	ssize_t got;
	bool some = false;
	while (n->fd >= 0 &&
	       (got = recv(n->fd, &packet, sizeof packet, MSG_DONTWAIT)) != -1) {
		if (got == 0) {
			keeper_notices_free(n);
			break;
		}
		if (got >= NOTICE_HEAD && packet.receiver < n->settings.count &&
		    packet.len == (size_t)got - NOTICE_HEAD)
			hear_packet(n, &packet, now);
	}
	for (size_t i = 0; i < n->settings.count; i++)
		some |= n->of[i].delivered > n->of[i].forgotten;
	return some;
}

enum status keeper_notices_forget(struct keeper_notices *n, struct store_live *live)
{
	enum status status = OK;
	for (size_t i = 0; i < n->settings.count && status == OK; i++) {
		if (n->of[i].delivered <= n->of[i].forgotten)
			continue;
		for (size_t r = 0; r < n->of[i].refused_count && status == OK; r++)
			status = store_notice_refused(live, n->of[i].refused[r]);
		if (status == OK)
			status = store_notices_delivered(
			        live, n->settings.receivers[i].name, n->of[i].delivered);
		if (status != OK)
			continue;
		n->of[i].forgotten = n->of[i].delivered;
		n->of[i].refused_count = 0;
	}
	return status;
}

/* --- handing over --------------------------------------------------------------------- */

struct handing {
	struct keeper_notices *notices;
	uint32_t receiver;
	size_t count;
	bool full;
};

static bool hand_one(void *self, const struct stored_notice *stored)
{
	struct handing *h = self;
	struct notice_packet packet = { .number = stored->seq,
		                        .id = stored->delivery,
		                        .receiver = h->receiver };
	packet.len =
	        (uint32_t)(stored->text.len < NOTICE_MAX ? stored->text.len : NOTICE_MAX);
	memcpy(packet.text, stored->text.at, packet.len);
	h->full = h->count == NOTICES_HANDED ||
	          send(h->notices->fd, &packet, NOTICE_HEAD + (size_t)packet.len,
	               MSG_DONTWAIT | MSG_NOSIGNAL) < 0;
	if (h->full)
		return false;
	h->count++;
	h->notices->of[h->receiver].handed = stored->seq;
	return true;
}

enum status keeper_notices_hand(struct keeper_notices *n, struct store_live *live,
                                nstime now)
{
	enum status status = keeper_notices_sort(n, live, now);
	for (uint32_t i = 0; i < n->settings.count && n->fd >= 0 && status == OK; i++) {
		/* Not more than it has room for: what was handed has to be delivered first.
		 */
		if (!n->of[i].waiting || n->of[i].handed > n->of[i].delivered)
			continue;
		struct handing handing = { .notices = n, .receiver = i };
		status = store_notices(live, n->settings.receivers[i].name, n->of[i].handed,
		                       hand_one, &handing);
		n->of[i].waiting = handing.full;
	}
	return status;
}

static enum status expire_one(struct keeper_notices *n, struct store_live *live, size_t i,
                              nstime now)
{
	const struct receiver *receiver = &n->settings.receivers[i];
	uint64_t count = 0;
	/* What a keeper before us gave up lately is not over, as far as we know. */
	if (n->looked_at == 0 && store_notices_count(live, receiver->name, NOTICE_DEAD,
	                                             now - NOTICES_LATELY, &count) == OK)
		n->of[i].given_up = count;
	const enum status status =
	        store_notices_expire(live, receiver->name, now - receiver->give_up, &count);
	if (status != OK || count == 0)
		return status;
	n->of[i].given_up += count;
	n->of[i].gave_up_at = now;
	return OK;
}

enum status keeper_notices_expire(struct keeper_notices *n, struct store_live *live,
                                  nstime now)
{
	enum status status = OK;
	if (now - n->looked_at < LOOK_EVERY && now >= n->looked_at)
		return OK;
	for (size_t i = 0; i < n->settings.count && status == OK; i++)
		status = expire_one(n, live, i, now);
	if (status == OK)
		status = store_notices_forget_dead(live, now - DEAD_FOR);
	n->looked_at = now;
	return status;
}

void keeper_notices_tell(struct keeper_notices *n, struct rules *rules, nstime now,
                         nstime at)
{
	if (now - n->facts_at < FACTS_EVERY && now >= n->facts_at)
		return;
	n->facts_at = now;
	for (size_t i = 0; i < n->settings.count; i++) {
		/* It takes something again, and whoever looks has seen that it did not. */
		if (n->of[i].took_at > n->of[i].gave_up_at &&
		    now - n->of[i].gave_up_at > SEEN_FOR)
			n->of[i].given_up = 0;
		rules_fact(rules, TEXT("dead_letters"),
		           text_from(n->settings.receivers[i].name),
		           (double)n->of[i].given_up, at);
	}
	keeper_notices_tell_stranded(n, rules, now, at);
}
