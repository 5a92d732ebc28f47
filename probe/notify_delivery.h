/*
 * notify_delivery.h - messages on their way to one receiver, in order.
 *
 * Who has the socket and who has the messages is another's business: this takes both, and
 * says what has been delivered.  That is: a RELP receiver said so; a TCP connection, or a
 * datagram socket, has taken it.  What TCP took in the last minute is sent again on a new
 * connection, since nobody knows how much of it arrived; messages can be told by their ids.
 */
#ifndef EARSHOT_PROBE_NOTIFY_DELIVERY_H
#define EARSHOT_PROBE_NOTIFY_DELIVERY_H

#include "probe/notify.h"

#define DELIVERY_AGAIN (60 * NS_PER_SEC)

enum {
	DELIVERY_WINDOW = 64,  /* messages that are held at once, delivered ones included */
	DELIVERY_ANSWER = 512, /* octets of an answer of RELP that are looked at */
};

struct delivery_message {
	uint64_t number; /* of who gave it */
	nstime sent;     /* NSTIME_NONE: not yet, on this connection */
	uint64_t relp;   /* its transaction */
	bool delivered;  /* kept for a while, to be sent again */
	size_t len;
	char text[NOTICE_MAX];
};

struct delivery {
	const struct receiver *receiver; /* borrowed */
	int fd;                          /* owned; -1: none */
	bool open;                       /* RELP: the session is */
	uint64_t relp_next;
	struct buffer out; /* octets not taken yet; owned */
	size_t taken;      /* of it */
	char answer[DELIVERY_ANSWER];
	size_t answered;
	nstime opened, retry_at, retry_in; /* monotonic */
	struct delivery_message *messages; /* owned; DELIVERY_WINDOW, the oldest first */
	size_t count;
	uint64_t latest;    /* number of the one that came last */
	uint64_t delivered; /* number of the latest that is, with all before it */
};

MUST_CHECK enum status delivery_init(struct delivery *delivery,
                                     const struct receiver *receiver);
void delivery_free(struct delivery *delivery);

/* Is it time to ask for a socket? */
bool delivery_wants_socket(const struct delivery *delivery, nstime now);
/* -1: there is none; later. */
void delivery_connect(struct delivery *delivery, int fd, nstime now);

/* Where there is no room the oldest goes, which was delivered if the caller counts right.
 */
void delivery_add(struct delivery *delivery, uint64_t number, struct text message);

/* Events of poll that it waits for. */
short delivery_events(const struct delivery *delivery);
/* Sends and hears what can be; `now`: monotonic. */
void delivery_work(struct delivery *delivery, nstime now);

#endif
