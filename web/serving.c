#include "web/serving.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/routes.h"
#include "web/server.h"
#include "web/sockets.h"
#include "web/streaming.h"

/* A request from its target on; made and owned by the client's thread. */
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

static void pending_free(struct pending *pending)
{
	if (pending)
		buffer_free(&pending->body);
	free(pending);
}

/* The client has another request now, NULL: none; nobody else frees the one before. */
static void set_request(struct client *client, struct pending *pending)
{
	if (!client)
		return;
	pending_free(client->request);
	client->request = pending;
}

/* The library closes the socket after it has told us, so a cut never hits another's. */
void serving_connection(void *self, struct MHD_Connection *connection,
                        void **socket_context, enum MHD_ConnectionNotificationCode code)
{
	struct serving *serving = self;
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (code != MHD_CONNECTION_NOTIFY_STARTED) {
		set_request(*socket_context, NULL);
		clients_remove(&serving->clients, *socket_context);
	} else {
		*socket_context =
		        info ? clients_add(&serving->clients, info->connect_fd) : NULL;
	}
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

static void log_answer(struct serving *serving, const struct pending *pending,
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
	access_log_write(&serving->log, &access);
}

/* Takes the body away from *response. */
static enum MHD_Result send_answer(struct serving *serving,
                                   struct MHD_Connection *connection,
                                   const struct pending *pending, struct response *response)
{
	log_answer(serving, pending, response);
	struct MHD_Response *to =
	        response->stream ? streaming_response(response->stream, &serving->clients,
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
	clients_wait(&serving->clients, client_at(connection), true);
	const enum MHD_Result result = MHD_queue_response(connection, response->status, to);
	MHD_destroy_response(to);
	atomic_fetch_add(&serving->site->answers[response->status / 100], 1);
	return result;
}

static enum MHD_Result send_problem(struct serving *serving,
                                    struct MHD_Connection *connection,
                                    struct pending *pending)
{
	struct response response = { 0 };
	const uint64_t number = atomic_fetch_add(&serving->site->requests, 1) + 1;
	response_problem(&response, &pending->problem, number);
	return send_answer(serving, connection, pending, &response);
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

enum MHD_Result serving_request(void *self, struct MHD_Connection *connection,
                                const char *url, const char *method, const char *version,
                                const char *upload, size_t *upload_size, void **context)
{
	(void)url;
	struct serving *serving = self;
	struct pending *pending = *context;
	struct response response;
	if (!pending)
		return MHD_NO; /* no memory: nothing can be said either */
	if (!pending->headers_read) {
		pending->headers_read = true;
		return begin_request(pending, connection, method, version)
		               ? MHD_YES
		               : send_problem(serving, connection, pending);
	}
	if (*upload_size > 0) {
		take_body(pending, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	pending->request.body = buffer_text(&pending->body);
	const uint64_t number = atomic_fetch_add(&serving->site->requests, 1) + 1;
	routes_answer(serving->site, &pending->request, number, &response);
	return send_answer(serving, connection, pending, &response);
}

/* The target as it came, before the library touches it.  What this returns is *context. */
void *serving_target(void *self, const char *target, struct MHD_Connection *connection)
{
	(void)self;
	struct client *client = client_at(connection);
	struct pending *pending = client ? calloc(1, sizeof *pending) : NULL;
	/* One that the library refused is not ended: with too many cookies, for one. */
	set_request(client, pending);
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

void serving_end(void *self, struct MHD_Connection *connection, void **context,
                 enum MHD_RequestTerminationCode code)
{
	(void)code;
	struct serving *serving = self;
	set_request(client_at(connection), NULL);
	*context = NULL;
	clients_wait(&serving->clients, client_at(connection), false);
}

/* The target is ours to decode. */
size_t serving_unescape(void *self, struct MHD_Connection *connection, char *text)
{
	(void)self;
	(void)connection;
	return strlen(text);
}
