/*
 * notify.h - receivers of alerts, and what they get.
 *
 * A receiver takes syslog messages (RFC 5424): at a local socket or by UDP, which is best
 * effort; by TCP (RFC 6587) or TLS (RFC 5425) with octet counting, where those of the last
 * minute are sent again on a new connection; by RELP, which acknowledges each.  Addresses
 * are numeric: whoever delivers has no resolver, and cannot make a socket by itself.
 */
#ifndef EARSHOT_PROBE_NOTIFY_H
#define EARSHOT_PROBE_NOTIFY_H

#include "analyzer/model/record.h"
#include "web/buffer.h"

enum {
	RECEIVERS = 8,
	RECEIVER_NAME = 64,
	RECEIVER_ADDRESS = 108, /* of a local socket; or ADDRESS:PORT */
	RECEIVER_HOST = 128,
	RECEIVER_FILE = 256,
	NOTICE_MAX = 2048, /* octets of a message */
	SYSLOG_FACILITIES = 24,
	DOCUMENTATION_ENTERPRISE = 32473, /* RFC 5612 */
};

enum receiver_transport {
	RECEIVER_NONE,
	RECEIVER_LOCAL,
	RECEIVER_UDP,
	RECEIVER_TCP,
	RECEIVER_TLS,
	RECEIVER_RELP,
	RECEIVER_TRANSPORT_COUNT
};

extern const char *const receiver_transport_names[RECEIVER_TRANSPORT_COUNT];

struct receiver {
	char name[RECEIVER_NAME];
	enum receiver_transport transport;
	char address[RECEIVER_ADDRESS];
	enum alert_severity least; /* less is not told */
	uint32_t facility;
	/* Of TLS, "": the address is checked; the system's; none; none. */
	char server_name[RECEIVER_HOST];
	char ca[RECEIVER_FILE], certificate[RECEIVER_FILE], key[RECEIVER_FILE];
};

struct notify_settings {
	struct receiver receivers[RECEIVERS];
	size_t count;
	uint32_t enterprise; /* number of the structured data */
	char link[128];      /* what is put before the id of an alert; empty: no link */
	char sensor[64];
};

/* Is the address one that the transport has? */
bool notify_is_address(enum receiver_transport transport, const char *address);

bool notify_has_tls(const struct receiver *receiver);
/* Is there a file that the notifier reads when it starts? */
bool notify_needs_files(const struct notify_settings *settings);
/* What its certificate has to be of: a name, or the address without the port. */
void notify_server_name(const struct receiver *receiver, char out[RECEIVER_HOST]);

/*
 * A socket that is connected, or about to be, and never blocks; -1: errno says why.
 */
int notify_connect(const struct receiver *receiver);

/* Is somebody to be told of this change of state, for the first time or at its end? */
bool notify_wants(const struct receiver *receiver, const struct alert_record *alert);

/* The message of an alert: one line, at most NOTICE_MAX octets. */
void notify_line(const struct notify_settings *settings, const struct receiver *receiver,
                 const struct alert_record *alert, struct buffer *out);
/* One to try the receiver with, of that time. */
void notify_test_line(const struct notify_settings *settings,
                      const struct receiver *receiver, nstime now, struct buffer *out);

#endif
