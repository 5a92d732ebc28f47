#include "probe/notify_delivery.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_FIRST NS_PER_SEC
#define RETRY_MOST (60 * NS_PER_SEC)
/* A receiver that says nothing for so long has to be connected to anew. */
#define PATIENCE (10 * NS_PER_SEC)
enum { RELP_NUMBER_MOST = 999999999 };

enum status delivery_init(struct delivery *d, const struct receiver *receiver)
{
	*d = (struct delivery){ .receiver = receiver, .fd = -1, .retry_in = RETRY_FIRST };
	d->messages = calloc(DELIVERY_WINDOW, sizeof *d->messages);
	return d->messages ? OK : ERR_NOMEM;
}

void delivery_free(struct delivery *d)
{
	if (d->fd >= 0)
		close(d->fd);
	free(d->messages);
	buffer_free(&d->out);
}

static bool is_stream(const struct delivery *d)
{
	return d->receiver->transport == RECEIVER_TCP ||
	       d->receiver->transport == RECEIVER_RELP;
}

/* --- the connection ---------------------------------------------------------------------
 */

static void disconnect(struct delivery *d, nstime now)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	d->open = false;
	d->out.len = d->taken = d->answered = 0;
	d->retry_at = now + d->retry_in;
	d->retry_in = 2 * d->retry_in < RETRY_MOST ? 2 * d->retry_in : RETRY_MOST;
	for (size_t i = 0; i < d->count; i++)
		d->messages[i].sent = NSTIME_NONE;
}

bool delivery_wants_socket(const struct delivery *d, nstime now)
{
	return d->fd < 0 && d->count > 0 && now >= d->retry_at;
}

static void say_relp(struct delivery *d, uint64_t number, const char *command,
                     struct text data)
{
	buffer_format(&d->out, "%llu %s %zu%s", (unsigned long long)number, command,
	              data.len, data.len ? " " : "");
	buffer_add(&d->out, data);
	buffer_add_char(&d->out, '\n');
}

void delivery_connect(struct delivery *d, int fd, nstime now)
{
	const struct text offers =
	        TEXT("relp_version=0\nrelp_software=earshot\ncommands=syslog");
	if (fd < 0) {
		disconnect(d, now);
		return;
	}
	d->fd = fd;
	d->opened = now;
	d->relp_next = 1;
	if (d->receiver->transport == RECEIVER_RELP)
		say_relp(d, d->relp_next++, "open", offers);
}

/* --- messages ---------------------------------------------------------------------------
 */

static void drop_first(struct delivery *d)
{
	d->count--;
	memmove(d->messages, d->messages + 1, d->count * sizeof *d->messages);
}

/* Delivered ones make room when they are not needed any more. */
static bool is_needed(const struct delivery *d, nstime now)
{
	const struct delivery_message *m = &d->messages[0];
	if (!m->delivered)
		return true;
	return d->receiver->transport == RECEIVER_TCP && d->count < DELIVERY_WINDOW &&
	       (m->sent == NSTIME_NONE || now - m->sent <= DELIVERY_AGAIN);
}

static void forget_old(struct delivery *d, nstime now)
{
	while (d->count > 0 && !is_needed(d, now))
		drop_first(d);
}

void delivery_add(struct delivery *d, uint64_t number, struct text message)
{
	if (d->count == DELIVERY_WINDOW)
		drop_first(d);
	struct delivery_message *m = &d->messages[d->count++];
	d->latest = m->number = number;
	m->sent = NSTIME_NONE;
	m->delivered = false;
	m->len = message.len < NOTICE_MAX ? message.len : NOTICE_MAX;
	memcpy(m->text, message.at, m->len);
}

static void note_delivered(struct delivery *d)
{
	for (size_t i = 0; i < d->count && d->messages[i].delivered; i++)
		if (d->messages[i].number > d->delivered)
			d->delivered = d->messages[i].number;
	d->retry_in = RETRY_FIRST;
}

/* --- out --------------------------------------------------------------------------------
 */

static void send_datagram(struct delivery *d, struct delivery_message *m, nstime now)
{
	if (send(d->fd, m->text, m->len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			disconnect(d, now);
		return;
	}
	m->sent = now;
	m->delivered = true;
	note_delivered(d);
}

/* Into the octets that go out. */
static void frame(struct delivery *d, struct delivery_message *m, nstime now)
{
	const struct text text = { m->text, m->len };
	m->sent = now;
	if (d->receiver->transport == RECEIVER_TCP) {
		buffer_format(&d->out, "%zu ", m->len);
		buffer_add(&d->out, text);
		return;
	}
	m->relp = d->relp_next;
	d->relp_next = d->relp_next % RELP_NUMBER_MOST + 1;
	say_relp(d, m->relp, "syslog", text);
}

static void flush(struct delivery *d, nstime now)
{
	while (d->fd >= 0 && d->taken < d->out.len) {
		const ssize_t sent =
		        send(d->fd, d->out.at + d->taken, d->out.len - d->taken,
		             MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (sent < 0) {
			disconnect(d, now);
			return;
		}
		d->taken += (size_t)sent;
	}
	if (d->fd < 0)
		return;
	d->out.len = d->taken = 0;
	for (size_t i = 0; i < d->count && d->receiver->transport == RECEIVER_TCP; i++)
		d->messages[i].delivered |= d->messages[i].sent != NSTIME_NONE;
	if (d->receiver->transport == RECEIVER_TCP)
		note_delivered(d);
}

static void send_all(struct delivery *d, nstime now)
{
	const bool ready = d->receiver->transport != RECEIVER_RELP || d->open;
	for (size_t i = 0; i < d->count && d->fd >= 0 && ready; i++) {
		struct delivery_message *m = &d->messages[i];
		if (m->sent != NSTIME_NONE)
			continue;
		if (is_stream(d))
			frame(d, m, now);
		else
			send_datagram(d, m, now);
		if (m->sent == NSTIME_NONE)
			return;
	}
	if (d->fd >= 0 && is_stream(d))
		flush(d, now);
}

/* --- in ---------------------------------------------------------------------------------
 */

static void hear_answer(struct delivery *d, uint64_t number, struct text data, nstime now)
{
	const bool good = text_starts(data, TEXT("200"));
	if (!d->open) {
		d->open = good;
		if (!good)
			disconnect(d, now);
		return;
	}
	for (size_t i = 0; i < d->count; i++) {
		struct delivery_message *m = &d->messages[i];
		if (m->sent == NSTIME_NONE || m->relp != number || m->delivered)
			continue;
		/* What it does not want it will not want tomorrow. */
		m->delivered = true;
		note_delivered(d);
		return;
	}
}

/* "2 rsp 6 200 OK\n", whole, at the front; its length, 0: more has to come; SIZE_MAX: it is
 * none. */
static size_t take_answer(struct delivery *d, nstime now)
{
	struct text rest = { d->answer, d->answered };
	const size_t line = text_find(rest, '\n');
	uint64_t number = 0;
	uint64_t len = 0;
	const struct text first = text_cut(&rest, ' ');
	const struct text command = text_cut(&rest, ' ');
	const size_t digits = text_find(rest, ' ') < text_find(rest, '\n')
	                              ? text_find(rest, ' ')
	                              : text_find(rest, '\n');
	if (line == d->answered && d->answered < DELIVERY_ANSWER && digits == rest.len)
		return 0;
	if (text_number(first, RELP_NUMBER_MOST, &number) != OK ||
	    text_number(text_head(rest, digits), 1 << 20, &len) != OK)
		return SIZE_MAX;
	const size_t gap = len ? 1 : 0;
	const size_t whole = (size_t)(rest.at - d->answer) + digits + gap + (size_t)len + 1;
	if (whole > DELIVERY_ANSWER)
		return SIZE_MAX;
	if (whole > d->answered)
		return 0;
	if (text_equal(command, TEXT("serverclose")))
		return SIZE_MAX;
	hear_answer(d, number, text_head(text_skip(rest, digits + gap), (size_t)len), now);
	return whole;
}

static void hear_relp(struct delivery *d, nstime now)
{
	size_t whole;
	while (d->fd >= 0 && d->answered > 0 && (whole = take_answer(d, now)) > 0) {
		if (whole == SIZE_MAX) {
			disconnect(d, now);
			return;
		}
		if (d->fd < 0)
			return;
		d->answered -= whole;
		memmove(d->answer, d->answer + whole, d->answered);
	}
}

static void hear(struct delivery *d, nstime now)
{
	while (d->fd >= 0 && d->answered < sizeof d->answer) {
		const ssize_t got = recv(d->fd, d->answer + d->answered,
		                         sizeof d->answer - d->answered, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
			return;
		if (got <= 0) {
			disconnect(d, now);
			return;
		}
		d->answered += (size_t)got;
		if (d->receiver->transport == RECEIVER_RELP)
			hear_relp(d, now);
		else
			d->answered = 0; /* a syslog server has nothing to say */
	}
}

/* --- both -------------------------------------------------------------------------------
 */

/* TCP knows by itself when nobody is there; an answer may be waited for without end. */
static bool waits_in_vain(const struct delivery *d, nstime now)
{
	if (d->fd < 0 || d->receiver->transport != RECEIVER_RELP)
		return false;
	if (!d->open)
		return now - d->opened > PATIENCE;
	for (size_t i = 0; i < d->count; i++)
		if (d->messages[i].sent != NSTIME_NONE && !d->messages[i].delivered)
			return now - d->messages[i].sent > PATIENCE;
	return false;
}

short delivery_events(const struct delivery *d)
{
	const bool writes = d->out.len > d->taken;
	return (short)(POLLIN | (writes ? POLLOUT : 0));
}

void delivery_work(struct delivery *d, nstime now)
{
	forget_old(d, now);
	if (d->fd >= 0 && is_stream(d))
		hear(d, now);
	if (d->fd >= 0)
		send_all(d, now);
	if (d->fd >= 0 && is_stream(d))
		flush(d, now);
	if (waits_in_vain(d, now))
		disconnect(d, now);
	forget_old(d, now);
}
