#include "probe/monitor_listen.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/control.h"

enum { BACKLOG = 16, ACCEPTED_AT_ONCE = 8, SOCKET_BYTES = 8 << 20 };
#define PIPE_AGAIN NS_PER_SEC

/* --- addresses ------------------------------------------------------------------------ */

static bool parse_address(const char *text, struct sockaddr_in6 *out)
{
	struct text t = text_from(text);
	struct address address = { 0 };
	uint64_t port;
	size_t colon = t.len;
	while (colon > 0 && t.at[colon - 1] != ':')
		colon--;
	if (colon == 0 || text_number(text_skip(t, colon), UINT16_MAX, &port) != OK ||
	    port == 0 ||
	    (colon > 1 && address_parse(text_head(t, colon - 1), &address) != OK))
		return false;
	*out = (struct sockaddr_in6){ .sin6_family = AF_INET6,
		                      .sin6_port = htons((uint16_t)port) };
	/* 0.0.0.0 and nothing: everywhere, by either family. */
	if (!address_is_unspecified(&address))
		memcpy(&out->sin6_addr, address.bytes, sizeof out->sin6_addr);
	return true;
}

bool listening_is_address(const char *text)
{
	struct sockaddr_in6 address;
	return parse_address(text, &address);
}

/* Of two sockets of ours one may take the other's port, for that moment alone: later nobody
 * else may. */
static void share_port(int fd, int before, bool share)
{
	const int value = share;
	const int both[] = { fd, before };
	for (size_t i = 0; i < ARRAY_LEN(both); i++)
		if (both[i] >= 0 && before >= 0)
			(void)setsockopt(both[i], SOL_SOCKET, SO_REUSEPORT, &value,
			                 sizeof value);
}

/* before: whose place it takes; -1 = none's. */
static int open_socket(const char *what, const char *text, int type, int before)
{
	const int on = 1;
	const int off = 0;
	const int bytes = SOCKET_BYTES;
	struct sockaddr_in6 at;
	const int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	share_port(fd, before, true);
	if (!parse_address(text, &at) || fd < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) ||
	    (type == SOCK_STREAM &&
	     setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)) ||
	    bind(fd, (const struct sockaddr *)&at, sizeof at) ||
	    (type == SOCK_STREAM && listen(fd, BACKLOG))) {
		warn("%s: %s", what, text);
		share_port(-1, before, false);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	share_port(fd, before, false);
	if (type == SOCK_DGRAM) {
		/* Beyond what the system grants, where root may. */
		if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes))
			(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
		(void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
		(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
	}
	return fd;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* False: what is wanted cannot be had. */
static bool follow_hep(struct listening *l)
{
	const char *wanted = l->options->hep ? l->options->hep : "";
	int datagrams = -1;
	int connections = -1;
	if (strcmp(wanted, l->hep) == 0)
		return true;
	if (wanted[0]) {
		datagrams = open_socket("HEP", wanted, SOCK_DGRAM, l->hep_datagrams);
		connections = open_socket("HEP", wanted, SOCK_STREAM, l->hep_connections);
	}
	if (wanted[0] && (datagrams < 0 || connections < 0)) {
		close_one(&datagrams);
		close_one(&connections);
		return false;
	}
	close_one(&l->hep_datagrams);
	close_one(&l->hep_connections);
	l->hep_datagrams = datagrams;
	l->hep_connections = connections;
	text_copy(l->hep, sizeof l->hep, text_from(wanted));
	return true;
}

static bool follow_captures(struct listening *l)
{
	const char *wanted = l->options->pcap_listen ? l->options->pcap_listen : "";
	int captures = -1;
	if (strcmp(wanted, l->at) == 0)
		return true;
	if (wanted[0] &&
	    (captures = open_socket("captures", wanted, SOCK_STREAM, l->captures)) < 0)
		return false;
	close_one(&l->captures);
	l->captures = captures;
	text_copy(l->at, sizeof l->at, text_from(wanted));
	return true;
}

bool listening_open(struct listening *l, const struct monitor_options *options)
{
	*l = (struct listening){ .options = options,
		                 .hep_datagrams = -1,
		                 .hep_connections = -1,
		                 .captures = -1,
		                 .pipe = -1 };
	return follow_hep(l) && follow_captures(l);
}

void listening_close(struct listening *l)
{
	close_one(&l->hep_datagrams);
	close_one(&l->hep_connections);
	close_one(&l->captures);
	close_one(&l->pipe);
}

/* --- what comes ----------------------------------------------------------------------- */

static bool hand_over(const struct child *engine, enum stream_kind kind, int fd,
                      const struct endpoint *peer, const char *name)
{
	struct control message = { .kind = CONTROL_STREAM, .number = kind };
	if (peer)
		message.peer = *peer;
	text_copy(message.text, sizeof message.text, text_from(name));
	return engine->control >= 0 && control_send(engine->control, &message, fd) == OK;
}

static struct endpoint endpoint_of(const struct sockaddr_in6 *from)
{
	return (struct endpoint){ .address = address_ipv6(from->sin6_addr.s6_addr),
		                  .port = ntohs(from->sin6_port) };
}

static void accept_all(int listening, enum stream_kind kind, const struct child *engine)
{
	for (int i = 0; listening >= 0 && i < ACCEPTED_AT_ONCE; i++) {
		struct sockaddr_in6 from = { 0 };
		socklen_t len = sizeof from;
		char name[ENDPOINT_TEXT_SIZE];
		const int fd = accept4(listening, (struct sockaddr *)&from, &len,
		                       SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		const struct endpoint peer = endpoint_of(&from);
		(void)hand_over(engine, kind, fd, &peer, endpoint_format(&peer, name));
		close(fd);
	}
}

static void open_pipe(struct listening *l)
{
	const char *path = l->options->read;
	if (monitor_clock() < l->pipe_at)
		return;
	l->pipe_at = monitor_clock() + PIPE_AGAIN;
	l->pipe = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
	                                 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->pipe < 0)
		warn("%s", path);
	else
		(void)fcntl(l->pipe, F_SETFL, fcntl(l->pipe, F_GETFL) | O_NONBLOCK);
}

/*
 * A named pipe whose writer has gone may get another one; before anybody writes, reading it
 * would be its end.
 */
static void give_pipe(struct listening *l, const struct child *engine)
{
	if (!l->options->read || l->pipe_given || l->pipe_ended)
		return;
	if (l->pipe < 0)
		open_pipe(l);
	struct pollfd polled = { .fd = l->pipe, .events = POLLIN };
	if (l->pipe < 0 || poll(&polled, 1, 0) <= 0)
		return;
	if (polled.revents & POLLIN)
		l->pipe_given =
		        hand_over(engine, STREAM_CAPTURE, l->pipe, NULL, l->options->read);
	close_one(&l->pipe);
}

void listening_greet(struct listening *l, const struct child *engine)
{
	l->pipe_given = false;
	l->pipe_slot = UINT32_MAX;
	if (l->hep_datagrams >= 0)
		(void)hand_over(engine, STREAM_HEP_SOCKET, l->hep_datagrams, NULL, "");
}

void listening_work(struct listening *l, const struct child *engine)
{
	accept_all(l->hep_connections, STREAM_HEP_CONNECTION, engine);
	accept_all(l->captures, STREAM_CAPTURE, engine);
	give_pipe(l, engine);
}

void listening_follow(struct listening *l, const struct child *engine)
{
	if (engine->ready) /* who has come already */
		listening_work(l, engine);
	const int before = l->hep_datagrams;
	const bool hep = follow_hep(l);
	if (!follow_captures(l) || !hep)
		warnx("reload: where it was listened to before stays");
	if (hep && l->hep_datagrams != before)
		(void)hand_over(engine, STREAM_HEP_SOCKET, l->hep_datagrams, NULL, "");
}

void listening_begun(struct listening *l, uint32_t slot, const char *name)
{
	if (l->options->read && strcmp(l->options->read, name) == 0)
		l->pipe_slot = slot;
}

void listening_ended(struct listening *l, uint32_t slot)
{
	if (!l->pipe_given || slot != l->pipe_slot)
		return;
	l->pipe_given = false;
	l->pipe_ended = strcmp(l->options->read, "-") == 0;
}

size_t listening_poll(const struct listening *l, struct pollfd polled[LISTEN_POLLS])
{
	polled[0] = (struct pollfd){ .fd = l->hep_connections, .events = POLLIN };
	polled[1] = (struct pollfd){ .fd = l->captures, .events = POLLIN };
	polled[2] = (struct pollfd){ .fd = l->pipe, .events = POLLIN };
	return LISTEN_POLLS;
}
