#include "probe/notify_delivery.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/notify_relp.h"

#define RETRY_FIRST NS_PER_SEC
#define RETRY_MOST (60 * NS_PER_SEC)
/* A receiver that says nothing for so long, or takes nothing, has to be connected to anew.
 */
#define PATIENCE (10 * NS_PER_SEC)
#define READS_WITHIN (60 * NS_PER_SEC)
/* Who refuses a certificate, or us, closes within that. */
#define SETTLES_AFTER NS_PER_SEC
/* Where connections break all the time, a message is not sent for ever. */
enum { AGAIN_MOST = 3 };

enum status delivery_init(struct delivery *d, const struct receiver *receiver)
{
	*d = (struct delivery){ .receiver = receiver,
		                .stream = { .fd = -1 },
		                .retry_in = RETRY_FIRST };
	d->messages = calloc(DELIVERY_WINDOW, sizeof *d->messages);
	if (!d->messages)
		return ERR_NOMEM;
	const enum status status = notify_trust_new(receiver, &d->trust, d->untrusted);
	return status == OK ? notify_http_new(receiver, &d->http, d->untrusted) : status;
}
void delivery_free(struct delivery *d)
{
	notify_stream_close(&d->stream);
	for (size_t i = 0; i < d->count; i++)
		free(d->messages[i].text);
	free(d->messages);
	buffer_free(&d->out);
	notify_http_free(d->http);
	notify_trust_free(d->trust);
}

enum status delivery_check(const struct notify_settings *settings,
                           char error[NOTIFY_ERROR_SIZE])
{
	for (size_t i = 0; i < settings->count; i++) {
		struct delivery d;
		const enum status status = delivery_init(&d, &settings->receivers[i]);
		if (status != OK)
			snprintf(error, NOTIFY_ERROR_SIZE, "receiver %.64s: %.120s",
			         settings->receivers[i].name, d.untrusted);
		delivery_free(&d);
		if (status != OK)
			return status;
	}
	return OK;
}
static bool is_datagram(const struct delivery *d)
{
	return notify_is_datagram(d->receiver);
}

/* A stream of messages that nobody acknowledges. */
static bool is_one_way(const struct delivery *d)
{
	return d->receiver->transport == RECEIVER_TCP ||
	       d->receiver->transport == RECEIVER_TLS;
}

/* --- the connection ------------------------------------------------------------------- */

static void drop_message(struct delivery *d, size_t i)
{
	free(d->messages[i].text);
	d->passing -= d->messages[i].number == 0;
	d->count--;
	memmove(d->messages + i, d->messages + i + 1, (d->count - i) * sizeof *d->messages);
}

/* What went out long ago has been read; the rest goes out again. */
static void take_back(struct delivery *d, nstime now)
{
	for (size_t i = 0; i < d->count;) {
		struct delivery_message *m = &d->messages[i];
		const bool was_sent = m->sent != NSTIME_NONE;
		if (m->delivered && was_sent &&
		    (now - m->sent > DELIVERY_AGAIN || m->again == AGAIN_MOST)) {
			drop_message(d, i);
			continue;
		}
		if (m->delivered && was_sent)
			m->again++;
		m->sent = NSTIME_NONE;
		i++;
	}
}

static void disconnect(struct delivery *d, const char *why, nstime now)
{
	notify_stream_close(&d->stream);
	if (d->http)
		notify_http_stop(d->http);
	text_copy(d->error, sizeof d->error, text_from(why));
	d->open = false;
	d->out.len = d->taken = d->answered = 0;
	d->retry_at = now + d->retry_in;
	d->retry_in = 2 * d->retry_in < RETRY_MOST ? 2 * d->retry_in : RETRY_MOST;
	take_back(d, now);
}

bool delivery_wants_socket(const struct delivery *d, nstime now)
{
	return d->stream.fd < 0 && d->count > 0 && now >= d->retry_at;
}

void delivery_connect(struct delivery *d, int fd, const char *why, nstime now)
{
	const struct text offers =
	        TEXT("relp_version=0\nrelp_software=earshot\ncommands=syslog");
	if (d->stream.fd >= 0) {
		close(fd); /* it was not asked for */
		return;
	}
	if (d->untrusted[0]) {
		close(fd);
		disconnect(d, d->untrusted, now);
		return;
	}
	if (fd >= 0)
		notify_stream_open(&d->stream, fd, d->trust);
	if (d->stream.fd < 0) {
		disconnect(d, fd < 0 ? why : d->stream.error, now);
		return;
	}
	d->opened = d->moved = now;
	d->relp_next = 1;
	if (d->receiver->transport == RECEIVER_RELP)
		relp_add(&d->out, d->relp_next++, "open", offers);
}

/* --- messages ------------------------------------------------------------------------- */

/* Delivered ones make room when they are not needed any more. */
static bool is_needed(const struct delivery *d, const struct delivery_message *m,
                      nstime now)
{
	if (!m->delivered)
		return true;
	return is_one_way(d) && m->number &&
	       (m->sent == NSTIME_NONE || now - m->sent <= DELIVERY_AGAIN);
}

static void forget_old(struct delivery *d, nstime now)
{
	size_t left = 0;
	for (size_t i = 0; i < d->count; i++) {
		if (is_needed(d, &d->messages[i], now)) {
			d->messages[left++] = d->messages[i];
			continue;
		}
		free(d->messages[i].text);
		d->passing -= d->messages[i].number == 0;
	}
	d->count = left;
}

static bool is_unsent_passing(const struct delivery_message *m)
{
	return m->number == 0 && m->sent == NSTIME_NONE && !m->delivered;
}

/* In front of passing ones that have not gone out.  Of HTTP those are left out: what fires
 * is told again, and must not be told behind its end. */
static size_t find_place(struct delivery *d)
{
	size_t place = d->count;
	while (place > 0 && is_unsent_passing(&d->messages[place - 1])) {
		place--;
		if (d->http) {
			drop_message(d, place);
			d->left_out++;
		}
	}
	return d->http ? d->count : place;
}

static void make_room(struct delivery *d)
{
	for (size_t i = 0; d->count == DELIVERY_WINDOW && i < d->count; i++)
		if (d->messages[i].delivered || is_unsent_passing(&d->messages[i]))
			drop_message(d, i);
	if (d->count == DELIVERY_WINDOW)
		drop_message(d, 0);
}

enum status delivery_add(struct delivery *d, uint64_t number, uint64_t id,
                         struct text message)
{
	if (number == 0 && d->passing >= DELIVERY_PASSING) {
		d->left_out++;
		return OK;
	}
	char *text = malloc(message.len + 1);
	if (!text)
		return ERR_NOMEM;
	make_room(d);
	const size_t place = number ? find_place(d) : d->count;
	struct delivery_message *m = &d->messages[place];
	memcpy(text, message.at, message.len);
	memmove(m + 1, m, (d->count++ - place) * sizeof *m);
	*m = (struct delivery_message){
		.number = number,
		.id = id,
		.sent = NSTIME_NONE,
		.len = message.len,
		.text = text,
	};
	d->passing += number == 0;
	if (number)
		d->latest = number;
	return OK;
}

static void note_delivered(struct delivery *d)
{
	for (size_t i = 0;
	     i < d->count && (d->messages[i].delivered || d->messages[i].number == 0); i++)
		if (d->messages[i].number > d->delivered)
			d->delivered = d->messages[i].number;
	d->retry_in = RETRY_FIRST;
	d->error[0] = '\0';
}

/* --- out ------------------------------------------------------------------------------ */

static void send_datagram(struct delivery *d, struct delivery_message *m, nstime now)
{
	if (send(d->stream.fd, m->text, m->len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			disconnect(d, strerror(errno), now);
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
	if (is_one_way(d)) {
		buffer_format(&d->out, "%zu ", m->len);
		buffer_add(&d->out, text);
		return;
	}
	m->relp = d->relp_next;
	d->relp_next = d->relp_next % RELP_NUMBER_MOST + 1;
	relp_add(&d->out, m->relp, "syslog", text);
}

static void flush(struct delivery *d, nstime now)
{
	while (d->taken < d->out.len) {
		const ssize_t sent = notify_stream_send(&d->stream, d->out.at + d->taken,
		                                        d->out.len - d->taken);
		if (sent < 0)
			disconnect(d, d->stream.error, now);
		if (sent <= 0)
			return;
		d->taken += (size_t)sent;
		d->moved = now;
	}
	d->out.len = d->taken = 0;
}

static void send_all(struct delivery *d, nstime now)
{
	const bool ready = d->receiver->transport != RECEIVER_RELP || d->open;
	for (size_t i = 0; i < d->count && d->stream.fd >= 0 && ready; i++) {
		struct delivery_message *m = &d->messages[i];
		if (m->sent != NSTIME_NONE)
			continue;
		if (is_datagram(d))
			send_datagram(d, m, now);
		else
			frame(d, m, now);
		if (m->sent == NSTIME_NONE)
			return;
	}
	if (d->out.failed)
		disconnect(d, "memory ran out", now);
	if (d->stream.fd >= 0 && !is_datagram(d))
		flush(d, now);
}

/* Its host has all of it, and it has not hung up on us. */
static void settle(struct delivery *d, nstime now)
{
	int waiting = 0;
	bool some = false;
	if (d->out.len || ioctl(d->stream.fd, SIOCOUTQ, &waiting) || waiting > 0)
		return;
	d->moved = now;
	for (size_t i = 0; i < d->count; i++) {
		struct delivery_message *m = &d->messages[i];
		if (m->delivered || m->sent == NSTIME_NONE || now - m->sent < SETTLES_AFTER)
			continue;
		some = m->delivered = true;
	}
	if (some)
		note_delivered(d);
}

/* --- in ------------------------------------------------------------------------------- */

static const char *says(char out[NOTIFY_ERROR_SIZE], struct text answer)
{
	const struct text line = text_head(answer, text_find(answer, '\n'));
	snprintf(out, NOTIFY_ERROR_SIZE, "the receiver says %.*s",
	         (int)(line.len < 160 ? line.len : 160), line.at);
	return out;
}

static void hear_answer(struct delivery *d, const struct relp_frame *answer, nstime now)
{
	char why[NOTIFY_ERROR_SIZE] = "";
	const bool good = text_starts(answer->data, TEXT("200"));
	if (text_equal(answer->command, TEXT("serverclose"))) {
		disconnect(d, "the receiver ends the session", now);
		return;
	}
	if (!d->open) {
		d->open = good;
		if (!good)
			disconnect(d, says(why, answer->data), now);
		return;
	}
	for (size_t i = 0; i < d->count; i++) {
		struct delivery_message *m = &d->messages[i];
		if (m->sent == NSTIME_NONE || m->relp != answer->number || m->delivered)
			continue;
		/* What it does not want it will not want tomorrow. */
		m->delivered = true;
		note_delivered(d);
		if (!good)
			memcpy(d->error, says(why, answer->data), sizeof d->error);
		return;
	}
}

static void hear_relp(struct delivery *d, nstime now)
{
	struct relp_frame frame;
	size_t whole;
	while (d->stream.fd >= 0 && d->answered > 0 &&
	       (whole = relp_take((struct text){ d->answer, d->answered }, DELIVERY_ANSWER,
	                          &frame)) > 0) {
		if (whole == SIZE_MAX) {
			disconnect(d, "what the receiver says is no RELP", now);
			return;
		}
		hear_answer(d, &frame, now);
		if (d->stream.fd < 0)
			return;
		d->answered -= whole;
		memmove(d->answer, d->answer + whole, d->answered);
	}
}

static void hear(struct delivery *d, nstime now)
{
	while (d->stream.fd >= 0 && d->answered < sizeof d->answer) {
		const ssize_t got =
		        notify_stream_receive(&d->stream, d->answer + d->answered,
		                              sizeof d->answer - d->answered);
		if (got < 0)
			disconnect(d, d->stream.error, now);
		if (got <= 0)
			return;
		d->answered += (size_t)got;
		if (d->receiver->transport == RECEIVER_RELP)
			hear_relp(d, now);
		else
			d->answered = 0; /* a syslog server has nothing to say */
	}
}

/* --- by HTTP -------------------------------------------------------------------------- */

/* The connection is used up; the next message needs another one. */
static void judge(struct delivery *d, const struct http_answer *answer, nstime now)
{
	struct delivery_message *m = &d->messages[0];
	const bool taken = answer->code < 300;
	const bool later = answer->code == 408 || answer->code == 425 ||
	                   answer->code == 429 || answer->code >= 500;
	char why[NOTIFY_ERROR_SIZE];
	snprintf(why, sizeof why, "the receiver says %u %s", answer->code, answer->said);
	if (later) {
		disconnect(d, why, now);
		if (answer->after > d->retry_at - now)
			d->retry_at = now + answer->after;
		return;
	}
	m->delivered = true;
	note_delivered(d);
	notify_http_stop(d->http);
	notify_stream_close(&d->stream);
	if (taken)
		return;
	/* What it does not want it will not want tomorrow. */
	if (m->number)
		d->refused = m->number;
	memcpy(d->error, why, sizeof why);
}

static void post(struct delivery *d, nstime now, nstime wall)
{
	struct delivery_message *m = &d->messages[0];
	const struct text body = { m->text, m->len };
	struct http_answer answer;
	if (!d->http->posting && notify_http_post(d->http, body, m->id, wall) != OK) {
		disconnect(d, "memory ran out", now);
		return;
	}
	m->sent = now;
	const enum status status = notify_http_work(
	        d->http, &d->stream, now - d->opened > PATIENCE, wall, &answer);
	if (status == OK)
		judge(d, &answer, now);
	else if (status == ERR_IO)
		disconnect(d, d->stream.error, now);
}

/* --- both ----------------------------------------------------------------------------- */

/* What it waits for in vain; NULL: nothing. */
static const char *waits_in_vain(const struct delivery *d, nstime now)
{
	const bool relp = d->receiver->transport == RECEIVER_RELP;
	if (!d->stream.shaken && now - d->opened > PATIENCE)
		return "the receiver does not answer";
	if (is_one_way(d) && now - d->moved > READS_WITHIN)
		return "the receiver takes nothing";
	if (!relp)
		return NULL;
	if (!d->open && now - d->opened > PATIENCE)
		return "the receiver does not answer";
	for (size_t i = 0; i < d->count; i++)
		if (d->messages[i].sent != NSTIME_NONE && !d->messages[i].delivered)
			return now - d->messages[i].sent > PATIENCE
			               ? "the receiver does not acknowledge"
			               : NULL;
	return NULL;
}

struct pollfd delivery_poll(const struct delivery *d)
{
	const bool writes =
	        d->http ? d->http->taken < d->http->out.len : d->out.len > d->taken;
	return (struct pollfd){ .fd = d->stream.fd,
		                .events = notify_stream_events(&d->stream, writes) };
}

void delivery_work(struct delivery *d, nstime now, nstime wall)
{
	forget_old(d, now);
	if (d->http) {
		if (d->stream.fd >= 0 && d->count > 0)
			post(d, now, wall);
		else
			notify_stream_close(&d->stream); /* there is nothing for it */
		forget_old(d, now);
		return;
	}
	if (d->stream.fd >= 0 && !is_datagram(d))
		hear(d, now);
	if (d->stream.fd >= 0)
		send_all(d, now);
	if (d->stream.fd >= 0 && is_one_way(d))
		settle(d, now);
	const char *vain = d->stream.fd >= 0 ? waits_in_vain(d, now) : NULL;
	if (vain)
		disconnect(d, vain, now);
	forget_old(d, now);
}
