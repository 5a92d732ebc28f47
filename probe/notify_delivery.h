/*
 * notify_delivery.h - messages on their way to one receiver, in order.
 *
 * Who has the socket and who has the messages is another's business: this takes both, and
 * says what has been delivered.  That is: a RELP receiver said so; the host of a receiver
 * by TCP or TLS has it, and did not refuse us for a while; a datagram socket has taken it.
 * What a connection took in its last minute is sent again on the next one, since nobody
 * knows how much of it the receiver has read; messages can be told by their ids.  By HTTP
 * there is one message a connection: an answer of 2xx has it delivered, one of 429 and 5xx
 * puts it off, any other refuses it for good.
 *
 * Beside alerts there are passing messages, which nobody keeps: they have no number, go
 * behind alerts that came later, and are left out and counted where there are too many.
 */
#ifndef EARSHOT_PROBE_NOTIFY_DELIVERY_H
#define EARSHOT_PROBE_NOTIFY_DELIVERY_H

#include "probe/notify_http.h"
#define DELIVERY_AGAIN (60 * NS_PER_SEC)

enum {
	DELIVERY_WINDOW =
	        1024, /* messages that are held at once, delivered ones included */
	DELIVERY_PASSING = 512, /* passing ones among them */
	DELIVERY_ANSWER = 512,  /* octets of an answer of RELP that are looked at */
};

struct delivery_message {
	uint64_t number; /* of who gave it; 0: a passing one */
	uint64_t id;     /* tells copies of it from others */
	nstime sent;     /* NSTIME_NONE: not yet, on this connection */
	uint64_t relp;   /* its transaction */
	bool delivered;  /* kept for a while, to be sent again */
	uint8_t again;   /* how often it was */
	size_t len;
	char *text; /* owned */
};

struct delivery {
	const struct receiver *receiver; /* borrowed */
	struct notify_trust *trust;      /* owned; NULL: no TLS */
	struct notify_http *http;        /* owned; NULL: it is syslog */
	struct notify_stream stream;
	bool open; /* RELP: the session is */
	uint64_t relp_next;
	struct buffer out; /* octets not taken yet; owned */
	size_t taken;      /* of it */
	char answer[DELIVERY_ANSWER];
	size_t answered;
	nstime opened, moved, retry_at, retry_in; /* monotonic; moved: octets, the latest */
	struct delivery_message *messages;        /* owned; the oldest first */
	size_t count;
	uint64_t latest;    /* number of the one that came last */
	uint64_t delivered; /* number of the latest that is, with all before it */
	uint64_t refused;   /* number of one of these that the receiver does not want */
	size_t passing;     /* of the messages */
	uint64_t left_out;
	char untrusted[NOTIFY_ERROR_SIZE]; /* no TLS can be had for that reason; "": it can
	                                    */
	char error[NOTIFY_ERROR_SIZE]; /* why the latest attempt failed; "": it did not */
};

/* ERR_IO: its certificates cannot be read, *error says which; it can be tried all the same,
 * and fails each time with that. */
MUST_CHECK enum status delivery_init(struct delivery *delivery,
                                     const struct receiver *receiver);
void delivery_free(struct delivery *delivery);
/* Could the files of all receivers be read?  ERR_IO, ERR_NOMEM: *error names the receiver.
 */
MUST_CHECK enum status delivery_check(const struct notify_settings *settings,
                                      char error[NOTIFY_ERROR_SIZE]);
/* Is it time to ask for a socket? */
bool delivery_wants_socket(const struct delivery *delivery, nstime now);
/* -1: there is none, `why` says so; later. */
void delivery_connect(struct delivery *delivery, int fd, const char *why, nstime now);

/* number 0: a passing one.  Where there is no room the oldest goes, which was delivered if
 * the caller counts right.  ERR_NOMEM. */
MUST_CHECK enum status delivery_add(struct delivery *delivery, uint64_t number, uint64_t id,
                                    struct text message);
/* What poll has to wait for; fd -1: nothing. */
struct pollfd delivery_poll(const struct delivery *delivery);
/* Sends and hears what can be; `now`: monotonic; `wall`: what time it is. */
void delivery_work(struct delivery *delivery, nstime now, nstime wall);
#endif
