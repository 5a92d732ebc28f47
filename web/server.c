#include "web/server.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/certificate.h"
#include "web/serving.h"
#include "web/sockets.h"

enum {
	MEMORY_PER_CONNECTION = 64
	                        << 10, /* above the limits of ours, so that ours are told */
	STACK_BYTES = 1 << 20,
	BACKLOG = 128,
};

struct server {
	struct MHD_Daemon *daemons[SERVER_LISTEN_MAX]; /* owned, one for each socket */
	int fds[SERVER_LISTEN_MAX];                    /* owned; each daemon has a copy */
	size_t count;
	struct certificate certificate;
	struct serving serving;
};

/* What clients do wrong is counted, not logged. */
static void ignore_log(void *self, const char *format, va_list arguments)
{
	(void)self;
	(void)format;
	(void)arguments;
}

/* --- life ----------------------------------------------------------------------------- */

struct endpoint server_endpoint(const struct server *server, size_t which)
{
	return sockets_endpoint(server->fds[which]);
}

/* Serves what is accepted at a copy of the socket; NULL: it does not start. */
static struct MHD_Daemon *start_daemon(struct server *server, int socket)
{
	const struct certificate *tls = &server->certificate;
	const int fd = fcntl(socket, F_DUPFD_CLOEXEC, 0);
	struct MHD_OptionItem encrypted[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, tls->chain },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
		  (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem plain[] = { { MHD_OPTION_END, 0, NULL } };
	if (fd < 0)
		return NULL;
	struct MHD_Daemon *daemon = MHD_start_daemon(
	        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
	                MHD_USE_POLL | MHD_USE_ERROR_LOG | MHD_USE_ITC |
	                (tls->chain ? MHD_USE_TLS : 0),
	        0, NULL, NULL, serving_request, &server->serving,
	        /* the types below are what the library takes out of its varargs */
	        MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
	        MHD_OPTION_CONNECTION_LIMIT, (unsigned int)SERVER_CONNECTIONS,
	        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	        (unsigned int)SERVER_CONNECTIONS_PER_ADDRESS,
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
	        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)CLIENTS_REQUEST_S,
	        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
	        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK,
	        serving_target, &server->serving, MHD_OPTION_UNESCAPE_CALLBACK,
	        serving_unescape, NULL, MHD_OPTION_NOTIFY_CONNECTION, serving_connection,
	        &server->serving, MHD_OPTION_NOTIFY_COMPLETED, serving_end,
	        &server->serving, MHD_OPTION_ARRAY, tls->chain ? encrypted : plain,
	        MHD_OPTION_END);
	if (!daemon)
		close(fd);
	return daemon;
}

/* Streams first, which have no end of their own. */
static void stop_all(struct server *server, struct MHD_Daemon *daemons[SERVER_LISTEN_MAX])
{
	if (server->serving.site->live)
		live_end_streams(server->serving.site->live);
	for (size_t i = 0; i < SERVER_LISTEN_MAX; i++) {
		if (daemons[i])
			MHD_stop_daemon(daemons[i]); /* closes its copy of the socket */
		daemons[i] = NULL;
	}
}

/* With the certificate as it is now; the old ones end when all the new ones run. */
static enum status start_all(struct server *server, struct server_error *error)
{
	struct MHD_Daemon *fresh[SERVER_LISTEN_MAX] = { NULL };
	for (size_t i = 0; i < server->count; i++) {
		const struct endpoint where = server_endpoint(server, i);
		fresh[i] = start_daemon(server, server->fds[i]);
		if (fresh[i])
			continue;
		stop_all(server, fresh);
		if (!server->certificate.chain)
			return sockets_failed(&where, "the HTTP server does not start",
			                      error->text, sizeof error->text);
		snprintf(error->text, sizeof error->text,
		         "%s and %s: no certificate and its key",
		         server->certificate.files[0], server->certificate.files[1]);
		return ERR_MALFORMED;
	}
	stop_all(server, server->daemons);
	memcpy(server->daemons, fresh, sizeof fresh);
	return OK;
}

static bool renew(struct server *server, struct server_error *error)
{
	struct certificate before = server->certificate;
	if (!before.chain)
		return true;
	if (certificate_read(&server->certificate, error->text, sizeof error->text) != OK)
		return false; /* it is as it was */
	if (start_all(server, error) == OK) {
		certificate_forget(&before);
		return true;
	}
	struct certificate refused = server->certificate;
	server->certificate = before;
	/* It is not tried again. */
	memcpy(server->certificate.seen, refused.seen, sizeof refused.seen);
	certificate_forget(&refused);
	return false;
}

bool server_tend(struct server *server, struct server_error *error)
{
	atomic_fetch_add(&server->serving.site->too_slow,
	                 clients_cut(&server->serving.clients));
	return !certificate_has_changed(&server->certificate) || renew(server, error);
}

bool server_reload(struct server *server, struct server_error *error)
{
	access_log_reopen(&server->serving.log);
	return renew(server, error);
}

static enum status take_sockets(struct server *server, const struct server_options *options,
                                struct server_error *error)
{
	const size_t count = options->fd_count ? options->fd_count : options->listen_count;
	for (size_t i = 0; i < options->fd_count; i++)
		server->fds[i] = options->fds[i];
	enum status status = OK;
	if (!options->fd_count)
		status = sockets_listen(options->listen, count, server->fds, error->text,
		                        sizeof error->text);
	server->count = status == OK ? count : 0;
	return status;
}

enum status server_start(const struct server_options *options, struct server **out,
                         struct server_error *error)
{
	struct server *server = calloc(1, sizeof *server);
	if (!server) {
		snprintf(error->text, sizeof error->text, "out of memory");
		return ERR_NOMEM;
	}
	server->serving.site = options->site;
	server->certificate.files[0] = options->certificate;
	server->certificate.files[1] = options->key;
	clients_init(&server->serving.clients);
	access_log_init(&server->serving.log);
	enum status status = take_sockets(server, options, error);
	if (status == OK && options->certificate)
		status = certificate_read(&server->certificate, error->text,
		                          sizeof error->text);
	if (status == OK && options->access_log)
		status = access_log_open(&server->serving.log, options->access_log,
		                         error->text, sizeof error->text);
	if (status == OK)
		status = start_all(server, error);
	if (status != OK) {
		server_stop(server);
		return status;
	}
	*out = server;
	return OK;
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	if (server->serving.site->live)
		live_stop(server->serving.site->live);
	stop_all(server, server->daemons);
	for (size_t i = 0; i < server->count; i++)
		close(server->fds[i]);
	certificate_forget(&server->certificate);
	access_log_close(&server->serving.log);
	clients_end(&server->serving.clients);
	free(server);
}
