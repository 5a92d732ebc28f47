/*
 * monitor_notifier.c - the notifier: messages of the keeper to their receivers, and back
 * what was delivered.
 *
 * It has no file and cannot make a socket: the parent hands it one for each receiver, and
 * there is no other it could reach.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/control.h"
#include "probe/keeper_notices.h"
#include "probe/monitor.h"
#include "probe/notify_delivery.h"

struct notifier {
	const struct notify_settings *settings;
	int control, link; /* -1: gone; not there yet */
	struct delivery deliveries[RECEIVERS];
	bool asked[RECEIVERS];   /* the parent, for a socket */
	uint64_t had[RECEIVERS]; /* the latest number that came by this link */
	/* The keeper: delivered up to that, refused, and what goes wrong. */
	uint64_t told[RECEIVERS], told_refused[RECEIVERS];
	uint64_t told_left_out[RECEIVERS];
	char told_error[RECEIVERS][NOTIFY_ERROR_SIZE];
	nstime alive_at;
	bool stopping, failed;
};

static void take_link(struct notifier *n, int fd)
{
	if (n->link >= 0)
		close(n->link);
	n->link = fd;
	/* The keeper begins with what was not delivered as far as it knows. */
	for (size_t i = 0; i < n->settings->count; i++) {
		n->had[i] = n->told[i] = 0;
		n->told_error[i][0] = '\0';
	}
}

static void hear_parent(struct notifier *n)
{
	struct control message = { 0 };
	enum status status;
	int fd;
	while (n->control >= 0 &&
	       (status = control_receive(n->control, &message, &fd)) != ERR_NOT_FOUND) {
		if (status != OK) {
			close(n->control);
			n->control = -1;
			n->stopping = true;
		} else if (message.kind == CONTROL_NOTICES && fd >= 0) {
			take_link(n, fd);
		} else if (message.kind == CONTROL_RECEIVER &&
		           message.number < n->settings->count) {
			n->asked[message.number] = false;
			delivery_connect(&n->deliveries[message.number], fd, message.text,
			                 monitor_clock());
		} else if (message.kind == CONTROL_STOP) {
			n->stopping = true;
		}
	}
}

/* One that has come already, because the keeper could not know, is delivered once more only
 * if it was not. */
static void take_message(struct notifier *n, const struct notice_packet *packet)
{
	struct delivery *delivery = &n->deliveries[packet->receiver];
	if (packet->number)
		n->had[packet->receiver] = packet->number;
	if (packet->number && packet->number <= delivery->latest)
		return;
	/* The keeper has it still, for the next one of us. */
	n->failed |= delivery_add(delivery, packet->number, packet->id,
	                          (struct text){ packet->text, packet->len }) != OK;
}

static void hear_keeper(struct notifier *n)
{
	struct notice_packet packet;
	ssize_t got;
	while (n->link >= 0 &&
	       (got = recv(n->link, &packet, sizeof packet, MSG_DONTWAIT)) != -1) {
		if (got == 0) {
			close(n->link);
			n->link = -1;
		} else if (got >= NOTICE_HEAD && packet.receiver < n->settings->count &&
		           packet.len == (size_t)got - NOTICE_HEAD) {
			take_message(n, &packet);
		}
	}
}

static bool say(struct notifier *n, const struct notice_packet *packet)
{
	return send(n->link, packet, NOTICE_HEAD + (size_t)packet->len,
	            MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
}

static void tell_keeper(struct notifier *n, uint32_t receiver)
{
	const struct delivery *d = &n->deliveries[receiver];
	struct notice_packet packet = { .receiver = receiver };
	packet.id = d->left_out;
	/* Another keeper believes nothing of what it has not handed over itself, not yet.
	 */
	const uint64_t had = n->had[receiver];
	const uint64_t delivered = d->delivered < had ? d->delivered : had;
	const bool same = delivered == n->told[receiver] &&
	                  d->left_out == n->told_left_out[receiver] &&
	                  strcmp(d->error, n->told_error[receiver]) == 0;
	if (n->link < 0 || same)
		return;
	packet.kind = NOTICE_REFUSED;
	packet.number = d->refused;
	if (d->refused != n->told_refused[receiver] && !say(n, &packet))
		return;
	n->told_refused[receiver] = d->refused;
	packet.kind = NOTICE_DELIVERED;
	packet.number = delivered;
	packet.len = (uint32_t)strlen(d->error);
	memcpy(packet.text, d->error, packet.len);
	if (!say(n, &packet))
		return;
	n->told[receiver] = delivered;
	n->told_left_out[receiver] = d->left_out;
	memcpy(n->told_error[receiver], d->error, sizeof d->error);
}
static void ask_for_socket(struct notifier *n, uint32_t receiver)
{
	const struct control message = { .kind = CONTROL_WANTED, .number = receiver };
	if (!n->asked[receiver] && n->control >= 0)
		n->asked[receiver] = control_send(n->control, &message, -1) == OK;
}

static void work(struct notifier *n)
{
	const struct control alive = { .kind = CONTROL_ALIVE };
	const nstime now = monitor_clock();
	for (uint32_t i = 0; i < n->settings->count; i++) {
		delivery_work(&n->deliveries[i], now, monitor_now());
		tell_keeper(n, i);
		if (delivery_wants_socket(&n->deliveries[i], now))
			ask_for_socket(n, i);
	}
	if (n->control >= 0 && now - n->alive_at >= NS_PER_SEC) {
		n->alive_at = now;
		(void)!control_send(n->control, &alive, -1);
	}
}

static void wait_for_work(struct notifier *n)
{
	/* poll passes over a descriptor of -1. */
	struct pollfd polled[RECEIVERS + 2] = { { .fd = n->control, .events = POLLIN },
		                                { .fd = n->link, .events = POLLIN } };
	for (size_t i = 0; i < n->settings->count; i++)
		polled[2 + i] = delivery_poll(&n->deliveries[i]);
	if (poll(polled, 2 + n->settings->count, 1000) < 0 && errno != EINTR)
		warn("notifier: poll");
}

static int live(struct notifier *n, const struct monitor_options *options)
{
	char error[SANDBOX_ERROR_SIZE];
	const struct control ready = { .kind = CONTROL_READY };
	if (sandbox_enter(SANDBOX_NOTIFIER, &options->notifier, NULL, options->insecure,
	                  error) != OK) {
		warnx("notifier: %s; it will not run like that without --insecure", error);
		return EXIT_FAILURE;
	}
	if (control_send(n->control, &ready, -1) != OK)
		return EXIT_FAILURE;
	while (!n->stopping && !n->failed) {
		wait_for_work(n);
		hear_parent(n);
		hear_keeper(n);
		work(n);
	}
	if (n->failed)
		warnx("notifier: memory ran out");
	return n->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int monitor_notifier(const struct monitor_options *options, int control)
{
	static struct notifier n;
	enum status status = OK;
	n.settings = &options->config->notify;
	n.control = control;
	n.link = -1;
	for (size_t i = 0; i < n.settings->count && status == OK; i++) {
		status = delivery_init(&n.deliveries[i], &n.settings->receivers[i]);
		if (status != ERR_IO)
			continue;
		warnx("notifier: receiver %s: %s", n.settings->receivers[i].name,
		      n.deliveries[i].untrusted);
		status = OK; /* the others are to be told all the same */
	}
	if (status != OK)
		warnx("notifier: memory ran out");
	const int exit_status = status == OK ? live(&n, options) : EXIT_FAILURE;
	for (size_t i = 0; i < n.settings->count; i++)
		delivery_free(&n.deliveries[i]);
	return exit_status;
}
