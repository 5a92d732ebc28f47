#include "web/server.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "web/access_log.h"
#include "web/certificate.h"
#include "web/clients.h"
#include "web/routes.h"
#include "web/sockets.h"
#include "web/streaming.h"

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
	struct site *site; /* borrowed */
	struct certificate certificate;
	struct access_log log;
	struct clients clients;
};

/* A request from its target on; made by the library's thread, freed when it is done. */
struct pending {
	struct request request;
	struct problem problem;
	const char *target_end;     /* behind the target's NUL in the library's memory */
	char path[ACCESS_LOG_PATH]; /* as it came, or the beginning of it */
	nstime begun;               /* monotonic */
	bool target_read, headers_read;
	struct buffer body; /* owned */
	size_t header_octets, hosts;
	struct text host;
	bool forwarded;
};

static nstime now_of(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

/* --- slow clients --------------------------------------------------------------------- */

static struct client *client_at(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

/* The library closes the socket after it has told us, so a cut never hits another's. */
static void connection_changed(void *self, struct MHD_Connection *connection,
                               void **socket_context,
                               enum MHD_ConnectionNotificationCode code)
{
	struct server *server = self;
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (code != MHD_CONNECTION_NOTIFY_STARTED)
		clients_remove(&server->clients, *socket_context);
	else
		*socket_context =
		        info ? clients_add(&server->clients, info->connect_fd) : NULL;
}

/* --- answers -------------------------------------------------------------------------- */

static const struct {
	const char *name, *value;
} fixed_headers[] = {
	{ "Content-Security-Policy",
	  "default-src 'self'; script-src 'self'; object-src 'none'; "
	  "base-uri 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Vary", "Accept, Accept-Encoding, Authorization, Cookie" },
};

static void add_headers(struct MHD_Response *to, const struct response *response)
{
	char retry[16];
	for (size_t i = 0; i < ARRAY_LEN(fixed_headers); i++)
		MHD_add_response_header(to, fixed_headers[i].name, fixed_headers[i].value);
	MHD_add_response_header(to, "Cache-Control",
	                        response->lasting  ? "public, max-age=31536000, immutable"
	                        : response->public ? "no-cache"
	                                           : "no-store");
	if (response->type && response->status != 204 && response->status != 304)
		MHD_add_response_header(to, "Content-Type", response->type);
	if (response->etag[0])
		MHD_add_response_header(to, "ETag", response->etag);
	if (response->link[0])
		MHD_add_response_header(to, "Link", response->link);
	if (response->reached[0])
		MHD_add_response_header(to, "Earshot-Reached", response->reached);
	if (response->gzipped)
		MHD_add_response_header(to, "Content-Encoding", "gzip");
	if (response->allow[0])
		MHD_add_response_header(to, "Allow", response->allow);
	if (response->cookie[0])
		MHD_add_response_header(to, "Set-Cookie", response->cookie);
	if (response->status == 401)
		MHD_add_response_header(to, "WWW-Authenticate", "Bearer realm=\"earshot\"");
	if (response->retry_s > 0) {
		snprintf(retry, sizeof retry, "%u", response->retry_s);
		MHD_add_response_header(to, "Retry-After", retry);
	}
}

static void log_answer(struct server *server, const struct pending *pending,
                       const struct response *response)
{
	const struct request *request = &pending->request;
	const char *method = request_method_name(request->method);
	const struct access access = {
		.at = now_of(CLOCK_REALTIME),
		.client = &request->client,
		.who = response->who,
		.method = method ? method : "-",
		.path = pending->path,
		.status = response->status,
		.octets = response->body.len,
		.took = now_of(CLOCK_MONOTONIC) - pending->begun,
	};
	access_log_write(&server->log, &access);
}

/* Takes the body away from *response. */
static enum MHD_Result send_answer(struct server *server, struct MHD_Connection *connection,
                                   const struct pending *pending, struct response *response)
{
	log_answer(server, pending, response);
	struct MHD_Response *to =
	        response->stream ? streaming_response(response->stream, &server->clients,
	                                              client_at(connection))
	                         : MHD_create_response_from_buffer(response->body.len,
	                                                           response->body.at,
	                                                           MHD_RESPMEM_MUST_FREE);
	if (!to) {
		response_free(response);
		return MHD_NO;
	}
	response->body = (struct buffer){ 0 };
	response->stream = NULL;
	add_headers(to, response);
	clients_wait(&server->clients, client_at(connection), true);
	const enum MHD_Result result = MHD_queue_response(connection, response->status, to);
	MHD_destroy_response(to);
	atomic_fetch_add(&server->site->answers[response->status / 100], 1);
	return result;
}

static enum MHD_Result send_problem(struct server *server,
                                    struct MHD_Connection *connection,
                                    struct pending *pending)
{
	struct response response = { 0 };
	const uint64_t number = atomic_fetch_add(&server->site->requests, 1) + 1;
	response_problem(&response, &pending->problem, number);
	return send_answer(server, connection, pending, &response);
}

/* --- requests ------------------------------------------------------------------------- */

/* Fields by which a proxy says that it stands in front of somebody else. */
static const char *const forwarding[] = {
	"Forwarded",         "Via",       "X-Forwarded-For",  "X-Forwarded-Host",
	"X-Forwarded-Proto", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP",
};

static enum MHD_Result see_header(void *self, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
	(void)kind;
	struct pending *pending = self;
	const struct text field = text_from(name);
	pending->header_octets += field.len + strlen(value ? value : "") + 4;
	if (text_equal_nocase(field, TEXT("Host"))) {
		pending->hosts++;
		pending->host = text_trim(text_from(value ? value : ""));
	}
	for (size_t i = 0; i < ARRAY_LEN(forwarding); i++)
		pending->forwarded |= text_equal_nocase(field, text_from(forwarding[i]));
	return MHD_YES;
}

static struct address client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	return info && info->client_addr ? sockets_endpoint_of(info->client_addr).address
	                                 : (struct address){ 0 };
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool check_headers(struct pending *pending, struct MHD_Connection *connection,
                          const char *version)
{
	struct problem *problem = &pending->problem;
	const char *length = header(connection, "Content-Length");
	uint64_t body = 0;
	/* The version follows the target's NUL, unless there was another NUL within it. */
	if (version != pending->target_end)
		return problem_in(
		        problem, "path", "bad-path",
		        "a NUL within the request line, or no HTTP version behind it");
	if (pending->header_octets > SERVER_HEADER_MAX)
		return problem_set(problem, 431, "header-too-long",
		                   "header fields of more than %d octets are not taken",
		                   SERVER_HEADER_MAX);
	if (pending->hosts > 1 || (pending->hosts == 0 && strcmp(version, "HTTP/1.0") != 0))
		return problem_in(problem, "Host", "bad-host",
		                  "one Host field is expected");
	if (header(connection, "Transfer-Encoding"))
		return problem_set(problem, 411, "no-length",
		                   "a body needs a Content-Length");
	if (length && text_number(text_from(length), UINT64_MAX, &body) != OK)
		return problem_in(problem, "Content-Length", "bad-value",
		                  "a number is expected");
	if (body > SERVER_BODY_MAX)
		return problem_set(problem, 413, "body-too-long",
		                   "a body of more than %d octets is not taken",
		                   SERVER_BODY_MAX);
	return true;
}

/* The first call for a request: its header section is there, its body is not. */
static bool begin_request(struct pending *pending, struct MHD_Connection *connection,
                          const char *method, const char *version)
{
	struct request *request = &pending->request;
	MHD_get_connection_values(connection, MHD_HEADER_KIND, see_header, pending);
	if (!check_headers(pending, connection, version) || !pending->target_read)
		return false;
	request->method = request_method(method);
	request->now = now_of(CLOCK_REALTIME);
	request->accept = header(connection, "Accept");
	request->accept_encoding = header(connection, "Accept-Encoding");
	request->if_none_match = header(connection, "If-None-Match");
	request->host = header(connection, "Host");
	request->origin = header(connection, "Origin");
	request->authorization = header(connection, "Authorization");
	request->cookie = header(connection, "Cookie");
	request->content_type = header(connection, "Content-Type");
	request->last_event_id = header(connection, "Last-Event-ID");
	request->csrf = header(connection, "X-Earshot-Token");
	request->client = client_of(connection);
	request->local = request_address_is_local(&request->client) &&
	                 !pending->forwarded &&
	                 (pending->hosts == 0 || request_host_is_local(pending->host));
	return true;
}

/* Of a method that has no use for it, it is read and forgotten. */
static void take_body(struct pending *pending, const char *upload, size_t size)
{
	const enum request_method method = pending->request.method;
	if ((method == METHOD_POST || method == METHOD_PUT) &&
	    size <= SERVER_BODY_MAX - pending->body.len)
		buffer_add(&pending->body, (struct text){ upload, size });
}

static enum MHD_Result handle_request(void *self, struct MHD_Connection *connection,
                                      const char *url, const char *method,
                                      const char *version, const char *upload,
                                      size_t *upload_size, void **context)
{
	(void)url;
	struct server *server = self;
	struct pending *pending = *context;
	struct response response;
	if (!pending)
		return MHD_NO; /* no memory: nothing can be said either */
	if (!pending->headers_read) {
		pending->headers_read = true;
		return begin_request(pending, connection, method, version)
		               ? MHD_YES
		               : send_problem(server, connection, pending);
	}
	if (*upload_size > 0) {
		take_body(pending, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	pending->request.body = buffer_text(&pending->body);
	const uint64_t number = atomic_fetch_add(&server->site->requests, 1) + 1;
	routes_answer(server->site, &pending->request, number, &response);
	return send_answer(server, connection, pending, &response);
}

/* The target as it came, before the library touches it.  What this returns is *context. */
static void *begin_target(void *self, const char *target, struct MHD_Connection *connection)
{
	(void)self;
	(void)connection;
	struct pending *pending = calloc(1, sizeof *pending);
	if (!pending)
		return NULL;
	const struct text whole = text_from(target ? target : "");
	pending->target_end = target ? target + whole.len + 1 : NULL;
	text_copy(pending->path, sizeof pending->path,
	          text_head(whole, text_find(whole, '?')));
	pending->begun = now_of(CLOCK_MONOTONIC);
	pending->target_read =
	        request_read_target(&pending->request, whole, &pending->problem);
	return pending;
}

static void end_request(void *self, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode code)
{
	(void)code;
	struct pending *pending = *context;
	if (pending)
		buffer_free(&pending->body);
	free(pending);
	*context = NULL;
	struct server *server = self;
	clients_wait(&server->clients, client_at(connection), false);
}

/* The target is ours to decode. */
static size_t leave_as_it_is(void *self, struct MHD_Connection *connection, char *text)
{
	(void)self;
	(void)connection;
	return strlen(text);
}

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
	        0, NULL, NULL, handle_request, server,
	        /* the types below are what the library takes out of its varargs */
	        MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
	        MHD_OPTION_CONNECTION_LIMIT, (unsigned int)SERVER_CONNECTIONS,
	        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	        (unsigned int)SERVER_CONNECTIONS_PER_ADDRESS,
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
	        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)CLIENTS_REQUEST_S,
	        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
	        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, begin_target,
	        server, MHD_OPTION_UNESCAPE_CALLBACK, leave_as_it_is, NULL,
	        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server,
	        MHD_OPTION_NOTIFY_COMPLETED, end_request, server, MHD_OPTION_ARRAY,
	        tls->chain ? encrypted : plain, MHD_OPTION_END);
	if (!daemon)
		close(fd);
	return daemon;
}

/* Streams first, which have no end of their own. */
static void stop_all(struct server *server, struct MHD_Daemon *daemons[SERVER_LISTEN_MAX])
{
	if (server->site->live)
		live_end_streams(server->site->live);
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
	atomic_fetch_add(&server->site->too_slow, clients_cut(&server->clients));
	return !certificate_has_changed(&server->certificate) || renew(server, error);
}

bool server_reload(struct server *server, struct server_error *error)
{
	access_log_reopen(&server->log);
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
	server->site = options->site;
	server->certificate.files[0] = options->certificate;
	server->certificate.files[1] = options->key;
	clients_init(&server->clients);
	access_log_init(&server->log);
	enum status status = take_sockets(server, options, error);
	if (status == OK && options->certificate)
		status = certificate_read(&server->certificate, error->text,
		                          sizeof error->text);
	if (status == OK && options->access_log)
		status = access_log_open(&server->log, options->access_log, error->text,
		                         sizeof error->text);
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
	if (server->site->live)
		live_stop(server->site->live);
	stop_all(server, server->daemons);
	for (size_t i = 0; i < server->count; i++)
		close(server->fds[i]);
	certificate_forget(&server->certificate);
	access_log_close(&server->log);
	clients_end(&server->clients);
	free(server);
}
