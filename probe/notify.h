/*
 * notify.h - receivers of alerts, and what they get.
 *
 * A receiver takes alerts as syslog messages (RFC 5424): at a local socket or by UDP, which
 * is best effort; by TCP (RFC 6587) or TLS (RFC 5425) with octet counting, where those of
 * the last minute are sent again on a new connection; by RELP, which acknowledges each.  Or
 * it takes them as JSON, by HTTP (notify_http.h).  Whoever delivers has no resolver, and
 * cannot make a socket by itself: it is handed one.
 */
#ifndef EARSHOT_PROBE_NOTIFY_H
#define EARSHOT_PROBE_NOTIFY_H

#include "analyzer/model/record.h"
#include "probe/notify_place.h"
#include "web/buffer.h"

enum {
	RECEIVERS = 8,
	RECEIVER_NAME = 64,
	RECEIVER_ADDRESS = 256,
	RECEIVER_FILE = 256,
	NOTICE_MAX = 16384, /* octets of a message */
	SYSLOG_MAX = 2048,  /* of one by syslog */
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
	RECEIVER_WEBHOOK,
	RECEIVER_ALERTMANAGER,
	RECEIVER_TRANSPORT_COUNT
};

extern const char *const receiver_transport_names[RECEIVER_TRANSPORT_COUNT];

enum notify_records { RECORDS_NONE, RECORDS_BAD, RECORDS_ALL, RECORDS_COUNT };
enum notify_format {
	FORMAT_RFC5424, /* structured data */
	FORMAT_CEF,     /* Common Event Format, revision 25 */
	FORMAT_COUNT
};
extern const char *const notify_records_names[RECORDS_COUNT];
extern const char *const notify_format_names[FORMAT_COUNT];

struct receiver {
	char name[RECEIVER_NAME];
	enum receiver_transport transport;
	char address[RECEIVER_ADDRESS];
	struct place place;        /* what it says, unless it is of a local socket */
	enum alert_severity least; /* less is not told */
	uint32_t facility;
	uint32_t limit_per_minute;           /* alerts told singly; 0: any */
	nstime give_up, reminder, heartbeat; /* the latter two 0: none */
	nstime resend;                       /* of Alertmanager */
	enum notify_records records;         /* calls that are over */
	enum notify_format format;
	bool masked; /* who called whom is a pseudonym in them */
	/* Of HTTP; files, "": none. */
	char secret[RECEIVER_FILE], authorization[RECEIVER_FILE];
	/* Of TLS, "": the host is checked; the system's; none; none. */
	char server_name[PLACE_HOST];
	char ca[RECEIVER_FILE], certificate[RECEIVER_FILE], key[RECEIVER_FILE];
};

struct notify_settings {
	struct receiver receivers[RECEIVERS];
	size_t count;
	uint32_t enterprise; /* number of the structured data */
	char link[128];      /* what is put before the id of an alert; empty: no link */
	char sensor[64];
};

/* Is the address one that the transport has?  Fills in the place. */
bool notify_find_place(struct receiver *receiver);

bool notify_is_http(const struct receiver *receiver);
/* What its messages look like: "syslog", "webhook", "alertmanager". */
const char *notify_form(const struct receiver *receiver);
/* Messages that stand for themselves, to a socket of datagrams. */
bool notify_is_datagram(const struct receiver *receiver);
bool notify_has_tls(const struct receiver *receiver);
/* Is there a file that the notifier reads when it starts? */
bool notify_needs_files(const struct notify_settings *settings);
/* What its certificate has to be of: a name or an address. */
const char *notify_server_name(const struct receiver *receiver);

/*
 * A socket that is connected, or about to be, and never blocks; -1: errno says why.  `to`
 * is where the place is, and not looked at for a local socket.
 */
int notify_connect(const struct receiver *receiver, const struct endpoint *to);

/* Is somebody to be told of this change of state, for the first time or at its end? */
bool notify_wants(const struct receiver *receiver, const struct alert_record *alert);

/* Tells what is sent twice from what is sent once more. */
uint64_t notify_delivery_id(const char *sensor, const struct alert_record *alert);

/* What the receiver gets of an alert; reminder: it was told of it before. */
void notify_message(const struct notify_settings *settings, const struct receiver *receiver,
                    const struct alert_record *alert, bool reminder, struct buffer *out);

/* What is not about one alert. */
struct notify_saying {
	const char *kind; /* "summary", "heartbeat" */
	nstime at;
	uint64_t delivery;
	enum alert_severity severity;
	struct {
		const char *name;
		uint64_t value;
	} counts[8];
	size_t count;
	struct text text; /* for people */
};

/* False: the receiver has no use for that. */
bool notify_say(const struct notify_settings *settings, const struct receiver *receiver,
                const struct notify_saying *saying, struct buffer *out);
/* One to try it with, of that time. */
void notify_test_message(const struct notify_settings *settings,
                         const struct receiver *receiver, nstime now, struct buffer *out);

/* The same by syslog: one line, at most SYSLOG_MAX octets. */
void notify_line(const struct notify_settings *settings, const struct receiver *receiver,
                 const struct alert_record *alert, bool reminder, struct buffer *out);

#endif
