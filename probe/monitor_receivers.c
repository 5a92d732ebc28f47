#include "probe/monitor_receivers.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "probe/control.h"
#include "probe/notify_delivery.h"

void receiving_init(struct receiving *r, const struct monitor_options *options)
{
	r->options = options;
	for (size_t i = 0; i < RECEIVERS; i++)
		resolver_init(&r->resolvers[i]);
}

void receiving_free(struct receiving *r)
{
	for (size_t i = 0; i < RECEIVERS; i++)
		resolver_free(&r->resolvers[i]);
}

void receiving_ask(struct receiving *r, uint32_t number, int control)
{
	const struct notify_settings *notify = &r->options->config->notify;
	struct control message = { .kind = CONTROL_RECEIVER, .number = number };
	struct endpoint to = { .port = 0 };
	if (number >= notify->count)
		return;
	const struct receiver *receiver = &notify->receivers[number];
	const enum resolver_state state =
	        resolver_ask(&r->resolvers[number], receiver, &r->options->notifier,
	                     r->options->insecure, monitor_clock(), &to);
	r->resolvers[number].wanted = state == RESOLVER_ASKING;
	if (state == RESOLVER_ASKING)
		return;
	const int fd = state == RESOLVER_KNOWS ? notify_connect(receiver, &to) : -1;
	if (fd < 0)
		text_copy(message.text, sizeof message.text,
		          state == RESOLVER_KNOWS
		                  ? text_from(strerror(errno))
		                  : TEXT("there is no address of that name"));
	if (control_send(control, &message, fd) != OK)
		warnx("notifier: does not listen");
	if (fd >= 0)
		close(fd);
}

nfds_t receiving_poll(const struct receiving *r, struct pollfd *polled)
{
	nfds_t count = 0;
	for (size_t i = 0; i < RECEIVERS; i++)
		if (r->resolvers[i].fd >= 0)
			polled[count++] = (struct pollfd){ .fd = r->resolvers[i].fd,
				                           .events = POLLIN };
	return count;
}

void receiving_hear(struct receiving *r, int control)
{
	for (uint32_t i = 0; i < RECEIVERS && control >= 0; i++)
		if (r->resolvers[i].wanted)
			receiving_ask(r, i, control);
}

bool receiving_may_reload(const struct receiving *r)
{
	char error[NOTIFY_ERROR_SIZE];
	const struct notify_settings *notify = &r->options->config->notify;
	if (!notify_needs_files(notify))
		return false;
	if (delivery_check(notify, error) == OK)
		return true;
	warnx("reload: %s; what was read before stays", error);
	return false;
}
