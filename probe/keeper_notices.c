#include "probe/keeper_notices.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Nobody needs to be woken for what was a day ago. */
#define TOO_OLD (86400 * NS_PER_SEC)
#define LOOK_EVERY (60 * NS_PER_SEC)
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
	n->settings = *settings;
	memcpy(n->settings.sensor, sensor, sizeof sensor);
	memset(n->of, 0, sizeof n->of);
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

enum status keeper_notices_add(struct keeper_notices *n, struct store_live *live,
                               const struct alert_record *alert)
{
	enum status status = OK;
	for (size_t i = 0; i < n->settings.count && status == OK; i++) {
		const struct receiver *receiver = &n->settings.receivers[i];
		struct buffer text = { 0 };
		if (!notify_wants(receiver, alert))
			continue;
		notify_message(&n->settings, receiver, alert, &text);
		const struct stored_notice notice = {
			.receiver = receiver->name,
			.alert = alert->id,
			.delivery = notify_delivery_id(n->settings.sensor, alert),
			.at = alert->at,
			.text = buffer_text(&text),
		};
		status = text.failed ? ERR_NOMEM : store_notice_add(live, &notice);
		buffer_free(&text);
		n->of[i].waiting = true;
	}
	return status;
}

/* It may say anything: no more than what it was given is delivered, or refused. */
static void hear_packet(struct keeper_notices *n, const struct notice_packet *packet,
                        nstime now)
{
	const size_t i = packet->receiver;
	if (packet->number > n->of[i].handed)
		return;
	if (packet->kind == NOTICE_REFUSED && packet->number > n->of[i].delivered &&
	    n->of[i].refused_count < NOTICES_HANDED)
		n->of[i].refused[n->of[i].refused_count++] = packet->number;
	if (packet->kind != NOTICE_DELIVERED)
		return;
	if (packet->number > n->of[i].delivered) {
		n->of[i].delivered = packet->number;
		n->of[i].took_at = now;
	}
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

/* --- handing over -----------------------------------------------------------------------
 */

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

enum status keeper_notices_hand(struct keeper_notices *n, struct store_live *live)
{
	enum status status = OK;
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

enum status keeper_notices_expire(struct keeper_notices *n, struct store_live *live,
                                  nstime now)
{
	if (n->settings.count == 0 || now - n->looked_at < LOOK_EVERY)
		return OK;
	n->looked_at = now;
	return store_notices_expire(live, now - TOO_OLD, &n->dead);
}
