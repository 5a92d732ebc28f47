#include "probe/notify_stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct notify_trust {
	const struct receiver *receiver;              /* borrowed */
	gnutls_certificate_credentials_t credentials; /* owned */
	gnutls_priority_t priority;                   /* owned */
};

/* --- certificates --------------------------------------------------------------------- */

static enum status refuse(char error[NOTIFY_ERROR_SIZE], const char *what, const char *file,
                          int code)
{
	snprintf(error, NOTIFY_ERROR_SIZE, "%s %.120s: %s", what, file,
	         gnutls_strerror(code));
	return ERR_IO;
}

static enum status read_files(struct notify_trust *trust, char error[NOTIFY_ERROR_SIZE])
{
	const struct receiver *r = trust->receiver;
	int code = r->ca[0] ? gnutls_certificate_set_x509_trust_file(
	                              trust->credentials, r->ca, GNUTLS_X509_FMT_PEM)
	                    : gnutls_certificate_set_x509_system_trust(trust->credentials);
	/* A file without any certificate is no error to GnuTLS. */
	if (code <= 0)
		return refuse(error,
		              "certificates of CAs:", r->ca[0] ? r->ca : "the system's",
		              code ? code : GNUTLS_E_NO_CERTIFICATE_FOUND);
	if (!r->certificate[0])
		return OK;
	code = gnutls_certificate_set_x509_key_file(trust->credentials, r->certificate,
	                                            r->key, GNUTLS_X509_FMT_PEM);
	return code < 0 ? refuse(error, "certificate and its key:", r->certificate, code)
	                : OK;
}

enum status notify_trust_new(const struct receiver *receiver, struct notify_trust **out,
                             char error[NOTIFY_ERROR_SIZE])
{
	*out = NULL;
	if (!notify_has_tls(receiver))
		return OK;
	struct notify_trust *trust = calloc(1, sizeof *trust);
	enum status status = ERR_NOMEM;
	if (trust) {
		trust->receiver = receiver;
		if (gnutls_certificate_allocate_credentials(&trust->credentials) == 0 &&
		    gnutls_priority_init(&trust->priority, NULL, NULL) == 0)
			status = read_files(trust, error);
	}
	if (status == ERR_NOMEM)
		snprintf(error, NOTIFY_ERROR_SIZE, "memory ran out");
	if (status != OK) {
		notify_trust_free(trust);
		return status;
	}
	*out = trust;
	return OK;
}

void notify_trust_free(struct notify_trust *trust)
{
	if (!trust)
		return;
	if (trust->credentials)
		gnutls_certificate_free_credentials(trust->credentials);
	if (trust->priority)
		gnutls_priority_deinit(trust->priority);
	free(trust);
}

/* --- the stream ----------------------------------------------------------------------- */

void notify_stream_fail(struct notify_stream *s, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(s->error, sizeof s->error, format, arguments);
	va_end(arguments);
}

static void drop(struct notify_stream *s)
{
	if (s->tls)
		gnutls_deinit(s->tls);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->tls = NULL;
	s->shaken = false;
}

static bool is_an_address(const char *name)
{
	uint8_t bytes[16];
	return inet_pton(AF_INET, name, bytes) == 1 ||
	       inet_pton(AF_INET6, name, bytes) == 1;
}

static int begin_tls(struct notify_stream *s, const struct notify_trust *trust)
{
	const char *name = notify_server_name(trust->receiver);
	int code = gnutls_init(&s->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (code == 0)
		code = gnutls_priority_set(s->tls, trust->priority);
	if (code == 0)
		code = gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE,
		                              trust->credentials);
	/* RFC 6066 section 3: addresses are no server names. */
	if (code == 0 && !is_an_address(name))
		code = gnutls_server_name_set(s->tls, GNUTLS_NAME_DNS, name, strlen(name));
	if (code)
		return code;
	gnutls_session_set_verify_cert(s->tls, name, 0); /* borrowed */
	gnutls_transport_set_int(s->tls, s->fd);
	return 0;
}

void notify_stream_open(struct notify_stream *s, int fd, const struct notify_trust *trust)
{
	*s = (struct notify_stream){ .fd = fd, .shaken = !trust };
	const int code = trust ? begin_tls(s, trust) : 0;
	if (code) {
		notify_stream_fail(s, "TLS: %s", gnutls_strerror(code));
		drop(s);
	}
}

void notify_stream_close(struct notify_stream *s)
{
	if (s->tls && s->shaken)
		(void)gnutls_bye(s->tls, GNUTLS_SHUT_WR);
	drop(s);
}

/* --- what TLS says -------------------------------------------------------------------- */

static void fail_verification(struct notify_stream *s)
{
	gnutls_datum_t words = { 0 };
	const unsigned int wrong = gnutls_session_get_verify_cert_status(s->tls);
	if (gnutls_certificate_verification_status_print(wrong, GNUTLS_CRT_X509, &words, 0))
		notify_stream_fail(s, "TLS: the certificate is not valid");
	else
		notify_stream_fail(s, "TLS: %.*s", (int)words.size,
		                   (const char *)words.data);
	for (size_t len = strlen(s->error); len && s->error[len - 1] == ' ';)
		s->error[--len] = '\0';
	gnutls_free(words.data);
}

/* False: it only has to wait. */
static bool has_failed(struct notify_stream *s, ssize_t code)
{
	if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED)
		return false;
	if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		fail_verification(s);
	else if (code == GNUTLS_E_FATAL_ALERT_RECEIVED)
		notify_stream_fail(s, "TLS: the receiver refuses: %s",
		                   gnutls_alert_get_name(gnutls_alert_get(s->tls)));
	else if (code == GNUTLS_E_PUSH_ERROR || code == GNUTLS_E_PULL_ERROR)
		notify_stream_fail(s, "%s", strerror(errno));
	else if (code == 0 || code == GNUTLS_E_PREMATURE_TERMINATION)
		notify_stream_fail(s, "the receiver has closed the connection");
	else
		notify_stream_fail(s, "TLS: %s", gnutls_strerror((int)code));
	drop(s);
	return true;
}

/* Can octets be sent?  It goes on with what is needed for that; false with fd -1: it has
 * failed and is closed. */
static bool notify_stream_ready(struct notify_stream *s)
{
	if (s->fd < 0 || s->shaken)
		return s->fd >= 0;
	const int code = gnutls_handshake(s->tls);
	if (code == 0)
		s->shaken = true;
	else if (gnutls_error_is_fatal(code))
		has_failed(s, code);
	return s->shaken;
}

/* --- octets --------------------------------------------------------------------------- */

static ssize_t plain_result(struct notify_stream *s, ssize_t count)
{
	if (count > 0)
		return count;
	if (count < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
		return 0;
	notify_stream_fail(s, "%s",
	                   count ? strerror(errno)
	                         : "the receiver has closed the connection");
	drop(s);
	return -1;
}

static ssize_t tls_result(struct notify_stream *s, ssize_t count)
{
	if (count > 0)
		return count;
	/* Such as tickets, or what a server says of a client's name: not the end. */
	if (count < 0 && !gnutls_error_is_fatal((int)count))
		return 0;
	return has_failed(s, count) ? -1 : 0;
}

ssize_t notify_stream_send(struct notify_stream *s, const char *from, size_t len)
{
	if (!notify_stream_ready(s))
		return s->fd < 0 ? -1 : 0;
	if (s->tls)
		return tls_result(s, gnutls_record_send(s->tls, from, len));
	return plain_result(s, send(s->fd, from, len, MSG_NOSIGNAL | MSG_DONTWAIT));
}

ssize_t notify_stream_receive(struct notify_stream *s, char *to, size_t size)
{
	if (!notify_stream_ready(s))
		return s->fd < 0 ? -1 : 0;
	if (s->tls)
		return tls_result(s, gnutls_record_recv(s->tls, to, size));
	return plain_result(s, recv(s->fd, to, size, MSG_DONTWAIT));
}

short notify_stream_events(const struct notify_stream *s, bool writes)
{
	if (!s->shaken)
		return s->tls && gnutls_record_get_direction(s->tls) ? POLLOUT : POLLIN;
	return (short)(POLLIN | (writes ? POLLOUT : 0));
}
