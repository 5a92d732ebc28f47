#include "probe/notify.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "analyzer/base/hash.h"
#include "probe/notify_json.h"
#include "probe/notify_syslog.h"
#include "schema/field_text.h"
#include "web/display.h"

enum { LOCAL_PATH = 108 };

/* clang-format off */
const char *const receiver_transport_names[RECEIVER_TRANSPORT_COUNT] = {
	[RECEIVER_LOCAL]        = "local",
	[RECEIVER_UDP]          = "udp",
	[RECEIVER_TCP]          = "tcp",
	[RECEIVER_TLS]          = "tls",
	[RECEIVER_RELP]         = "relp",
	[RECEIVER_WEBHOOK]      = "webhook",
	[RECEIVER_ALERTMANAGER] = "alertmanager",
};
/* clang-format on */

/* --- sockets -------------------------------------------------------------------------- */

bool notify_is_http(const struct receiver *receiver)
{
	return receiver->transport == RECEIVER_WEBHOOK ||
	       receiver->transport == RECEIVER_ALERTMANAGER;
}

const char *notify_form(const struct receiver *receiver)
{
	return notify_is_http(receiver) ? receiver_transport_names[receiver->transport]
	                                : "syslog";
}

bool notify_is_datagram(const struct receiver *receiver)
{
	return receiver->transport == RECEIVER_LOCAL || receiver->transport == RECEIVER_UDP;
}

bool notify_find_place(struct receiver *receiver)
{
	const struct text address = text_from(receiver->address);
	if (receiver->transport == RECEIVER_LOCAL)
		return receiver->address[0] == '/' && address.len < LOCAL_PATH;
	if (!notify_is_http(receiver))
		return place_of_peer(address, &receiver->place) == OK;
	if (place_of_url(address, &receiver->place) != OK)
		return false;
	if (receiver->transport == RECEIVER_ALERTMANAGER &&
	    strcmp(receiver->place.path, "/") == 0)
		text_copy(receiver->place.path, sizeof receiver->place.path,
		          TEXT("/api/v2/alerts"));
	return true;
}

bool notify_has_tls(const struct receiver *receiver)
{
	return receiver->transport == RECEIVER_TLS ||
	       (notify_is_http(receiver) && receiver->place.tls);
}

bool notify_needs_files(const struct notify_settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		if (notify_has_tls(&settings->receivers[i]) ||
		    notify_is_http(&settings->receivers[i]))
			return true;
	return false;
}

const char *notify_server_name(const struct receiver *receiver)
{
	return receiver->server_name[0] ? receiver->server_name : receiver->place.host;
}

/* No connection; why not stays in errno. */
static int give_up(int fd)
{
	const int why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return -1;
}

static int connect_local(const struct receiver *receiver)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	static_assert(sizeof to.sun_path >= LOCAL_PATH, "a path fits");
	memcpy(to.sun_path, receiver->address, LOCAL_PATH);
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	return give_up(fd);
}

/* The length of the address that is made of it. */
static socklen_t sockaddr_of(const struct endpoint *endpoint, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	const uint8_t *bytes = endpoint->address.bytes;
	memset(out, 0, sizeof *out);
	if (address_is_ipv4(&endpoint->address)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(endpoint->port);
		memcpy(&v4->sin_addr, bytes + 12, sizeof v4->sin_addr);
		return sizeof *v4;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(endpoint->port);
	memcpy(&v6->sin6_addr, bytes, sizeof v6->sin6_addr);
	return sizeof *v6;
}

/* A host that has vanished is known after that, also by a sender that waits for nothing. */
static void limit_silence(int fd)
{
	const int on = 1;
	const unsigned int ms = 30000;
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

int notify_connect(const struct receiver *receiver, const struct endpoint *endpoint)
{
	const int type = receiver->transport == RECEIVER_UDP ? SOCK_DGRAM : SOCK_STREAM;
	struct sockaddr_storage to;
	if (receiver->transport == RECEIVER_LOCAL)
		return connect_local(receiver);
	const socklen_t len = sockaddr_of(endpoint, &to);
	const int fd = socket(to.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && type == SOCK_STREAM)
		limit_silence(fd);
	if (fd >= 0 &&
	    (connect(fd, (const struct sockaddr *)&to, len) == 0 || errno == EINPROGRESS))
		return fd;
	return give_up(fd);
}

/* --- messages ------------------------------------------------------------------------- */

bool notify_wants(const struct receiver *receiver, const struct alert_record *alert)
{
	const bool told = alert->state == ALERT_FIRING || alert->state == ALERT_OK;
	return told && !alert->muted && alert->raised != NSTIME_NONE &&
	       alert->severity >= receiver->least;
}

uint64_t notify_delivery_id(const char *sensor, const struct alert_record *alert)
{
	static const struct hash_key key = { 0x6561727368, 0x6e6f74696365 };
	char words[160];
	const int len = snprintf(words, sizeof words, "%.63s|%016llx|%lld|%d", sensor,
	                         (unsigned long long)alert->id, (long long)alert->at,
	                         (int)alert->state);
	return hash_bytes(&key, words, (size_t)len);
}

/* RFC 5424 table 2. */
static unsigned int syslog_severity(enum alert_severity severity, enum alert_state state)
{
	static const unsigned int severities[SEVERITY_COUNT] = {
		[SEVERITY_INFO] = 6,
		[SEVERITY_WARNING] = 4,
		[SEVERITY_MAJOR] = 3,
		[SEVERITY_CRITICAL] = 2,
	};
	return state == ALERT_OK ? 5 : severities[severity];
}

static void add_data(const struct notify_settings *settings,
                     const struct alert_record *alert, bool reminder, struct buffer *out)
{
	char id[ID_TEXT_SIZE];
	buffer_format(out, "[earshot@%u", settings->enterprise);
	syslog_add_parameter(out, "id", text_from(id_format(alert->id, id)));
	id_format(notify_delivery_id(settings->sensor, alert), id);
	syslog_add_parameter(out, "delivery", text_from(id));
	syslog_add_parameter(out, "rule", text_from(alert->rule));
	syslog_add_parameter(out, "state", text_from(alert_state_names[alert->state]));
	syslog_add_parameter(out, "severity",
	                     text_from(alert_severity_names[alert->severity]));
	syslog_add_parameter(out, "subject", text_from(alert->subject));
	if (alert->trunk[0])
		syslog_add_parameter(out, "trunk", text_from(alert->trunk));
	syslog_add_parameter(out, "metric", text_from(alert->metric));
	syslog_add_real(out, "value", alert->value);
	syslog_add_real(out, "threshold", alert->threshold);
	syslog_add_real(out, "window_s", alert->window_s);
	buffer_format(out, " samples=\"%llu\"", (unsigned long long)alert->samples);
	if (alert->examples.count)
		syslog_add_parameter(out, "example",
		                     text_from(id_format(alert->examples.ids[0], id)));
	if (reminder)
		buffer_add_string(out, " reminder=\"true\"");
	buffer_add_string(out, alert->unverified ? " unverified=\"true\"]" : "]");
}

void notify_line(const struct notify_settings *settings, const struct receiver *receiver,
                 const struct alert_record *alert, bool reminder, struct buffer *out)
{
	char id[ID_TEXT_SIZE];
	syslog_add_head(settings, receiver, syslog_severity(alert->severity, alert->state),
	                alert->at, alert->rule, out);
	add_data(settings, alert, reminder, out);
	buffer_add_char(out, ' ');
	display_log(out, text_from(alert->summary));
	if (alert->unverified)
		buffer_add_string(out, " (unverified: the capture loses packets)");
	if (alert->finding && alert->state == ALERT_FIRING) {
		buffer_add_string(out, "; ");
		display_log(out, text_from(alert->finding_sentence));
	}
	if (settings->link[0]) {
		buffer_add_char(out, ' ');
		display_log(out, text_from(settings->link));
		buffer_add_string(out, id_format(alert->id, id));
	}
	if (out->len > SYSLOG_MAX)
		out->len = SYSLOG_MAX; /* ASCII: anywhere is a good place */
}

static void notify_test_line(const struct notify_settings *settings,
                             const struct receiver *receiver, nstime now,
                             struct buffer *out)
{
	syslog_add_head(settings, receiver, 6, now, "test", out);
	buffer_format(
	        out,
	        "[earshot@%u state=\"test\"] a test message: this receiver gets alerts "
	        "of %s and above",
	        settings->enterprise, alert_severity_names[receiver->least]);
}

/* --- for each receiver ---------------------------------------------------------------- */

void notify_message(const struct notify_settings *settings, const struct receiver *receiver,
                    const struct alert_record *alert, bool reminder, struct buffer *out)
{
	if (receiver->transport == RECEIVER_WEBHOOK)
		notify_json(settings, alert, reminder, out);
	else if (receiver->transport == RECEIVER_ALERTMANAGER)
		notify_alertmanager(settings, alert, out);
	else
		notify_line(settings, receiver, alert, reminder, out);
}

static void say_line(const struct notify_settings *settings,
                     const struct receiver *receiver, const struct notify_saying *saying,
                     struct buffer *out)
{
	char id[ID_TEXT_SIZE];
	syslog_add_head(settings, receiver, syslog_severity(saying->severity, ALERT_FIRING),
	                saying->at, saying->kind, out);
	buffer_format(out, "[earshot@%u state=\"%s\" delivery=\"%s\"", settings->enterprise,
	              saying->kind, id_format(saying->delivery, id));
	for (size_t i = 0; i < saying->count; i++)
		buffer_format(out, " %s=\"%llu\"", saying->counts[i].name,
		              (unsigned long long)saying->counts[i].value);
	buffer_add_string(out, "] ");
	display_log(out, saying->text);
}

bool notify_say(const struct notify_settings *settings, const struct receiver *receiver,
                const struct notify_saying *saying, struct buffer *out)
{
	if (receiver->transport == RECEIVER_ALERTMANAGER)
		return false;
	if (receiver->transport == RECEIVER_WEBHOOK)
		notify_json_say(settings, saying, out);
	else
		say_line(settings, receiver, saying, out);
	return true;
}

void notify_test_message(const struct notify_settings *settings,
                         const struct receiver *receiver, nstime now, struct buffer *out)
{
	if (receiver->transport == RECEIVER_WEBHOOK)
		notify_json_test(settings, receiver, now, out);
	else if (receiver->transport == RECEIVER_ALERTMANAGER)
		notify_alertmanager_test(settings, receiver, now, out);
	else
		notify_test_line(settings, receiver, now, out);
}
