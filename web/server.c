#include "web/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "web/routes.h"

enum {
	MEMORY_PER_CONNECTION = 64
	                        << 10, /* above the limits of ours, so that ours are told */
	STACK_BYTES = 1 << 20,
	BACKLOG = 128,
};

/* A connection and since when it is waiting for its client. */
struct peer {
	int fd; /* -1 = free */
	nstime since;
	bool answering;
};

struct server {
	struct MHD_Daemon *daemon; /* owned */
	int fd;                    /* the listening socket; the daemon's once it runs */
	struct site *site;         /* borrowed */
	pthread_mutex_t lock;
	struct peer peers[SERVER_CONNECTIONS];
};

/* A request from its target on; made by the library's thread, freed when it is done. */
struct pending {
	struct request request;
	struct problem problem;
	const char *target_end; /* behind the target's NUL in the library's memory */
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

static void peer_wait(struct server *server, struct MHD_Connection *connection,
                      bool answering)
{
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct peer *peer = info ? info->socket_context : NULL;
	if (!peer)
		return;
	pthread_mutex_lock(&server->lock);
	peer->since = now_of(CLOCK_MONOTONIC);
	peer->answering = answering;
	pthread_mutex_unlock(&server->lock);
}

static struct peer *take_peer(struct server *server, int fd)
{
	for (size_t i = 0; i < SERVER_CONNECTIONS; i++) {
		if (server->peers[i].fd >= 0)
			continue;
		server->peers[i] = (struct peer){ fd, now_of(CLOCK_MONOTONIC), false };
		return &server->peers[i];
	}
	return NULL;
}

/* The library closes the socket after it has told us, so a cut never hits another's. */
static void connection_changed(void *self, struct MHD_Connection *connection,
                               void **socket_context,
                               enum MHD_ConnectionNotificationCode code)
{
	struct server *server = self;
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	pthread_mutex_lock(&server->lock);
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*socket_context = info ? take_peer(server, info->connect_fd) : NULL;
	else if (*socket_context)
		((struct peer *)*socket_context)->fd = -1;
	pthread_mutex_unlock(&server->lock);
}

void server_tend(struct server *server)
{
	const nstime now = now_of(CLOCK_MONOTONIC);
	pthread_mutex_lock(&server->lock);
	for (size_t i = 0; i < SERVER_CONNECTIONS; i++) {
		struct peer *peer = &server->peers[i];
		const nstime most = peer->answering ? SERVER_ANSWER_S : SERVER_REQUEST_S;
		if (peer->fd < 0 || now - peer->since <= most * NS_PER_SEC)
			continue;
		shutdown(peer->fd, SHUT_RDWR);
		peer->since = now;
		atomic_fetch_add(&server->site->too_slow, 1);
	}
	pthread_mutex_unlock(&server->lock);
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

/* Takes the body away from *response. */
static enum MHD_Result send_answer(struct server *server, struct MHD_Connection *connection,
                                   struct response *response)
{
	struct MHD_Response *to = MHD_create_response_from_buffer(
	        response->body.len, response->body.at, MHD_RESPMEM_MUST_FREE);
	if (!to) {
		response_free(response);
		return MHD_NO;
	}
	response->body = (struct buffer){ 0 };
	add_headers(to, response);
	peer_wait(server, connection, true);
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
	return send_answer(server, connection, &response);
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

/* All zero for what is neither IPv4 nor IPv6. */
static struct endpoint endpoint_of(const void *socket_address)
{
	struct sockaddr family;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	memcpy(&family, socket_address, sizeof family);
	if (family.sa_family == AF_INET) {
		memcpy(&v4, socket_address, sizeof v4);
		return (struct endpoint){ address_ipv4((const uint8_t *)&v4.sin_addr),
			                  ntohs(v4.sin_port) };
	}
	if (family.sa_family != AF_INET6)
		return (struct endpoint){ 0 };
	memcpy(&v6, socket_address, sizeof v6);
	return (struct endpoint){ address_ipv6(v6.sin6_addr.s6_addr), ntohs(v6.sin6_port) };
}

static struct address client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	return info && info->client_addr ? endpoint_of(info->client_addr).address
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
	return send_answer(server, connection, &response);
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
	peer_wait(self, connection, false);
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

static enum status fail(struct server_error *error, const struct endpoint *where,
                        const char *what)
{
	char text[ENDPOINT_TEXT_SIZE];
	snprintf(error->text, sizeof error->text, "%s: %s: %s",
	         endpoint_format(where, text), what, strerror(errno));
	return ERR_IO;
}

static socklen_t socket_address(const struct endpoint *e, struct sockaddr_storage *to)
{
	memset(to, 0, sizeof *to);
	if (address_is_ipv4(&e->address)) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)to;
		v4->sin_family = AF_INET;
		v4->sin_port = htons(e->port);
		memcpy(&v4->sin_addr, e->address.bytes + 12, 4);
		return sizeof *v4;
	}
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(e->port);
	memcpy(&v6->sin6_addr, e->address.bytes, 16);
	return sizeof *v6;
}

static enum status open_socket(struct server *server, const struct endpoint *where,
                               struct server_error *error)
{
	struct sockaddr_storage address;
	const int yes = 1;
	const socklen_t len = socket_address(where, &address);
	server->fd =
	        socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->fd < 0)
		return fail(error, where, "no socket");
	if (setsockopt(server->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
	    bind(server->fd, (struct sockaddr *)&address, len) < 0 ||
	    listen(server->fd, BACKLOG) < 0)
		return fail(error, where, "cannot listen");
	return OK;
}

static enum status start_daemon(struct server *server, const struct endpoint *where,
                                struct server_error *error)
{
	server->daemon = MHD_start_daemon(
	        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
	                MHD_USE_POLL | MHD_USE_ERROR_LOG | MHD_USE_ITC,
	        0, NULL, NULL, handle_request, server,
	        /* the types below are what the library takes out of its varargs */
	        MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET,
	        server->fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned int)SERVER_CONNECTIONS,
	        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	        (unsigned int)SERVER_CONNECTIONS_PER_ADDRESS,
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
	        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)SERVER_REQUEST_S,
	        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
	        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, begin_target,
	        server, MHD_OPTION_UNESCAPE_CALLBACK, leave_as_it_is, NULL,
	        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server,
	        MHD_OPTION_NOTIFY_COMPLETED, end_request, server, MHD_OPTION_END);
	return server->daemon ? OK : fail(error, where, "the HTTP server does not start");
}

enum status server_start(const struct server_options *options, struct server **out,
                         struct server_error *error)
{
	struct server *server = calloc(1, sizeof *server);
	if (!server)
		return fail(error, &options->listen, "no server");
	server->fd = -1;
	server->site = options->site;
	pthread_mutex_init(&server->lock, NULL);
	for (size_t i = 0; i < SERVER_CONNECTIONS; i++)
		server->peers[i].fd = -1;
	enum status status = open_socket(server, &options->listen, error);
	if (status == OK)
		status = start_daemon(server, &options->listen, error);
	if (status != OK) {
		server_stop(server);
		return status;
	}
	*out = server;
	return OK;
}

struct endpoint server_endpoint(const struct server *server)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;
	getsockname(server->fd, (struct sockaddr *)&address, &len);
	return endpoint_of(&address);
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	if (server->daemon)
		MHD_stop_daemon(server->daemon); /* closes the socket */
	else if (server->fd >= 0)
		close(server->fd);
	pthread_mutex_destroy(&server->lock);
	free(server);
}
