#include "web/routes.h"

#include "schema/field_text.h"
#include "web/assets.h"
#include "web/handlers.h"

enum {
	AS_JSON = 1 << FORMAT_JSON,
	AS_LINES = 1 << FORMAT_LINES,
	AS_CSV = 1 << FORMAT_CSV,
	AS_METRICS = 1 << FORMAT_METRICS,
	AS_YAML = 1 << FORMAT_YAML,
	AS_PCAP = 1 << FORMAT_PCAP,
	AS_EVENTS = 1 << FORMAT_EVENTS,
	AS_ROWS = AS_JSON | AS_LINES | AS_CSV,
};

enum { NO_DATABASE = 1, ANYBODY = 2, NAMED = 4 };

static const char *const nothing[] = { NULL };
static const char *const list_parameters[] = { "filter", "from",   "to",   "sort",
	                                       "limit",  "cursor", "skip", NULL };
static const char *const note_parameters[] = { "limit", "cursor", NULL };
static const char *const audit_parameters[] = { "from", "to", "limit", "cursor", NULL };

static const char *const sla_parameters[] = { "trunk", "month", "by", NULL };
static const char *const time_parameters[] = { "from", "to", NULL };
static const char *const kpi_parameters[] = { "group_by", "step", "view",   "from",
	                                      "to",       "kpi",  "filter", NULL };

struct route {
	const char *path; /* {id}: 16 hexadecimal digits; {name}: any text */
	bool (*handle)(struct exchange *x);
	unsigned int formats;
	const char *const *parameters;
	enum record_kind kind;      /* of the list, or of what {id} names */
	unsigned int flags;         /* ANYBODY: tells nothing of calls; NAMED: {name} */
	enum role role;             /* that it takes; ROLE_NONE: a viewer's */
	enum request_method method; /* METHOD_GET takes HEAD, too */
};

/* clang-format off */
static const struct route routes[] = {
	{ "/api/v1/calls",                  handle_list,         AS_ROWS, list_parameters, RECORD_CALL },
	{ "/api/v1/calls/{id}",             handle_call,         AS_JSON, nothing, RECORD_CALL },
	{ "/api/v1/calls/{id}/ladder",      handle_ladder,       AS_JSON, nothing, RECORD_CALL },
	{ "/api/v1/calls/{id}/legs",        handle_legs_of_call, AS_ROWS, nothing, RECORD_CALL },
	{ "/api/v1/calls/{id}/explain",     handle_explain,      AS_JSON | AS_LINES, nothing, RECORD_CALL },
	{ "/api/v1/calls/{id}/pcap",        handle_pcap,         AS_PCAP, nothing, RECORD_CALL },
	{ "/api/v1/legs",                   handle_list,         AS_ROWS, list_parameters, RECORD_LEG },
	{ "/api/v1/legs/{id}/explain",      handle_explain,      AS_JSON | AS_LINES, nothing, RECORD_LEG },
	{ "/api/v1/streams",                handle_list,         AS_ROWS, list_parameters, RECORD_STREAM },
	{ "/api/v1/streams/{id}",           handle_stream,       AS_JSON, nothing, RECORD_STREAM },
	{ "/api/v1/streams/{id}/timeline",  handle_timeline,     AS_JSON | AS_LINES, nothing, RECORD_STREAM },
	{ "/api/v1/streams/{id}/explain",   handle_explain,      AS_JSON | AS_LINES, nothing, RECORD_STREAM },
	{ "/api/v1/findings",               handle_list,         AS_ROWS, list_parameters, RECORD_FINDING },
	{ "/api/v1/security",               handle_list,         AS_ROWS, list_parameters, RECORD_OBSERVATION },
	{ "/api/v1/alerts",                 handle_list,         AS_ROWS, list_parameters, RECORD_ALERT },
	{ "/api/v1/alerts/notes",           handle_alert_notes,  AS_JSON | AS_LINES, note_parameters, 0, NO_DATABASE },
	{ "/api/v1/alerts/{id}",            handle_alert,        AS_JSON, nothing, RECORD_ALERT },
	{ "/api/v1/alerts/{id}/acknowledge", handle_acknowledge, AS_JSON, nothing, RECORD_ALERT, .role = ROLE_OPERATOR, .method = METHOD_POST },
	{ "/api/v1/alerts/{id}/acknowledge", handle_reopen,      AS_JSON, nothing, RECORD_ALERT, .role = ROLE_OPERATOR, .method = METHOD_DELETE },
	{ "/api/v1/alerts/{id}/comment",    handle_comment,      AS_JSON, nothing, RECORD_ALERT, .role = ROLE_OPERATOR, .method = METHOD_POST },
	{ "/api/v1/silences",               handle_silences,     AS_JSON | AS_LINES, nothing, 0, NO_DATABASE },
	{ "/api/v1/silences",               handle_add_silence,  AS_JSON, nothing, 0, NO_DATABASE, ROLE_OPERATOR, METHOD_POST },
	{ "/api/v1/silences/{name}",        handle_end_silence,  AS_JSON, nothing, 0, NO_DATABASE | NAMED, ROLE_OPERATOR, METHOD_DELETE },
	{ "/api/v1/rules",                  handle_rules,        AS_JSON | AS_LINES, nothing, 0 },
	{ "/api/v1/rules",                  handle_add_rule,     AS_JSON, nothing, 0, NO_DATABASE, ROLE_OPERATOR, METHOD_POST },
	{ "/api/v1/rules/{name}",           handle_change_rule,  AS_JSON, nothing, 0, NO_DATABASE | NAMED, ROLE_OPERATOR, METHOD_PUT },
	{ "/api/v1/rules/{name}",           handle_remove_rule,  AS_JSON, nothing, 0, NO_DATABASE | NAMED, ROLE_OPERATOR, METHOD_DELETE },
	{ "/api/v1/registrations",          handle_list,         AS_ROWS, list_parameters, RECORD_BINDING },
	{ "/api/v1/registrations/attempts", handle_list,         AS_ROWS, list_parameters, RECORD_REGISTRATION },
	{ "/api/v1/peers",                  handle_list,         AS_ROWS, list_parameters, RECORD_PEER },
	{ "/api/v1/peers/events",           handle_list,         AS_ROWS, list_parameters, RECORD_EVENT },
	{ "/api/v1/kpis",                   handle_kpis,         AS_ROWS, kpi_parameters, RECORD_KPI },
	{ "/api/v1/trunks",                 handle_trunks,       AS_JSON | AS_LINES, time_parameters, 0 },
	{ "/api/v1/trunks/{name}",          handle_trunk,        AS_JSON, time_parameters, 0, NAMED },
	{ "/api/v1/probe",                  handle_probe,        AS_JSON, nothing, 0 },
	{ "/api/v1/probe/events",           handle_probe_events, AS_JSON | AS_LINES, audit_parameters, 0 },
	{ "/api/v1/reports/sla",            handle_sla,          AS_JSON | AS_CSV, sla_parameters, 0 },
	{ "/api/v1/version",                handle_version,      AS_JSON, nothing, 0, NO_DATABASE },
	{ "/api/v1/health",                 handle_health,       AS_JSON, nothing, 0, NO_DATABASE | ANYBODY },
	{ "/api/v1/ready",                  handle_ready,        AS_JSON, nothing, 0, ANYBODY },
	{ "/api/v1/openapi.yaml",           handle_openapi,      AS_YAML, nothing, 0, NO_DATABASE | ANYBODY },
	{ "/api/v1/live",                   handle_live,         AS_JSON, nothing, 0, NO_DATABASE },
	{ "/api/v1/events",                 handle_events,       AS_EVENTS, nothing, 0, NO_DATABASE },
	{ "/api/v1/session",                handle_session,      AS_JSON, nothing, 0, NO_DATABASE },
	{ "/api/v1/session",                handle_login,        AS_JSON, nothing, 0, NO_DATABASE | ANYBODY, .method = METHOD_POST },
	{ "/api/v1/session",                handle_logout,       AS_JSON, nothing, 0, NO_DATABASE | ANYBODY, .method = METHOD_DELETE },
	{ "/api/v1/session/password",       handle_own_password, AS_JSON, nothing, 0, NO_DATABASE, .method = METHOD_PUT },
	{ "/api/v1/users",                  handle_users,        AS_JSON | AS_LINES, nothing, 0, NO_DATABASE, ROLE_ADMIN },
	{ "/api/v1/users",                  handle_add_user,     AS_JSON, nothing, 0, NO_DATABASE, ROLE_ADMIN, METHOD_POST },
	{ "/api/v1/users/{name}",           handle_change_user,  AS_JSON, nothing, 0, NO_DATABASE | NAMED, ROLE_ADMIN, METHOD_PUT },
	{ "/api/v1/users/{name}",           handle_remove_user,  AS_JSON, nothing, 0, NO_DATABASE | NAMED, ROLE_ADMIN, METHOD_DELETE },
	{ "/api/v1/users/{name}/password",  handle_reset_password, AS_JSON, nothing, 0, NO_DATABASE | NAMED, ROLE_ADMIN, METHOD_POST },
	{ "/api/v1/tokens",                 handle_tokens,       AS_JSON | AS_LINES, nothing, 0, NO_DATABASE, ROLE_ADMIN },
	{ "/api/v1/tokens",                 handle_add_token,    AS_JSON, nothing, 0, NO_DATABASE, ROLE_ADMIN, METHOD_POST },
	{ "/api/v1/tokens/{name}",          handle_revoke_token, AS_JSON, nothing, 0, NO_DATABASE | NAMED, ROLE_ADMIN, METHOD_DELETE },
	{ "/api/v1/audit",                  handle_audit,        AS_JSON | AS_LINES, audit_parameters, 0, NO_DATABASE, .role = ROLE_ADMIN },
	{ "/metrics",                       handle_metrics,      AS_METRICS, nothing, 0 },
};
/* clang-format on */

/* Does the pattern fit the path?  Then *id is what stands for {id} or {name}. */
static bool fits(const struct request *request, struct text pattern, struct text *id)
{
	size_t i = 0;
	pattern = text_skip(pattern, 1);
	while (pattern.len > 0) {
		const struct text part = text_cut(&pattern, '/');
		if (i == request->segment_count)
			return false;
		const struct text segment = request->segments[i++];
		const bool any =
		        text_equal(part, TEXT("{id}")) || text_equal(part, TEXT("{name}"));
		if (any && segment.len > 0)
			*id = segment;
		else if (!text_equal(part, segment))
			return false;
	}
	return i == request->segment_count;
}

/* The methods that the path takes, for an Allow field; "": there is no such path. */
static void list_methods(const struct request *request, char *to, size_t size)
{
	struct text id;
	struct buffer methods = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!fits(request, text_from(routes[i].path), &id))
			continue;
		buffer_add_string(&methods, request_method_name(routes[i].method));
		buffer_add_string(&methods,
		                  routes[i].method == METHOD_GET ? ", HEAD, " : ", ");
	}
	if (methods.len > 0)
		buffer_add_string(&methods, "OPTIONS");
	text_copy(to, size, buffer_text(&methods));
	buffer_free(&methods);
}

/* Of the path's routes that of the method; else any, with *method_fits false. */
static const struct route *find_route(const struct request *request, struct text *id,
                                      bool *method_fits)
{
	const struct route *found = NULL;
	const enum request_method method =
	        request->method == METHOD_HEAD ? METHOD_GET : request->method;
	*method_fits = false;
	for (size_t i = 0; i < ARRAY_LEN(routes) && !*method_fits; i++) {
		struct text of_route = { 0 };
		if (!fits(request, text_from(routes[i].path), &of_route))
			continue;
		*id = of_route;
		found = &routes[i];
		*method_fits = routes[i].method == method;
	}
	return found;
}

static bool read_id(struct text t, uint64_t *out, struct problem *problem)
{
	uint32_t high = 0;
	uint32_t low = 0;
	if (t.len != ID_TEXT_SIZE - 1 || text_find(t, 'x') < t.len ||
	    text_find(t, 'X') < t.len || text_hex32(text_head(t, 8), &high) != OK ||
	    text_hex32(text_skip(t, 8), &low) != OK)
		return problem_in(problem, "id", "bad-value",
		                  "an id is 16 hexadecimal digits");
	*out = (uint64_t)high << 32 | low;
	return true;
}

bool handler_failed(struct exchange *x)
{
	if (x->query && query_was_braked(x->query)) {
		problem_set(x->problem, 503, "too-slow",
		            "the answer would take more than %d s; a narrower time or a "
		            "filter on fewer fields may help",
		            READERS_QUERY_MS / 1000);
		x->problem->retry_s = 5;
		return false;
	}
	problem_set(x->problem, 503, "no-database", "the database does not answer now");
	x->problem->retry_s = 5;
	return false;
}

bool handler_may_ask_for(struct exchange *x, const char *parameter,
                         const struct field *field)
{
	if (!x->mask || !mask_hides(field))
		return true;
	problem_in(x->problem, parameter, "pii-needed",
	           "%s may name a person: asking by it takes the right pii", field->name);
	x->problem->status = 403;
	return false;
}

bool handler_find(struct exchange *x, struct found *out)
{
	const enum status status = query_by_id(x->query, x->kind, x->id, out);
	if (status == ERR_NOT_FOUND)
		return problem_set(x->problem, 404, "no-such-id",
		                   "there is no %s of that id", record_kind_names[x->kind]);
	return status == OK || handler_failed(x);
}

/* Whatever the handler made must fit into memory and into the bound of a body. */
static bool check_body(struct exchange *x)
{
	const struct buffer *body = &x->response->body;
	if (body->failed)
		return problem_set(x->problem, 503, "no-memory", "memory ran out");
	if (body->len > RESPONSE_BODY_MAX)
		return problem_set(x->problem, 503, "too-large",
		                   "the answer would have more than %d octets",
		                   RESPONSE_BODY_MAX);
	return true;
}

static bool handle(struct exchange *x, const struct route *route)
{
	if (route->flags & NO_DATABASE)
		return route->handle(x) && check_body(x);
	const enum status status = readers_take(x->site->readers, &x->query);
	if (status == ERR_FULL) {
		problem_set(x->problem, 503, "busy", "too many questions at once");
		x->problem->retry_s = 2;
		return false;
	}
	if (status != OK)
		return handler_failed(x);
	if (x->mask) {
		const struct query_lens lens = mask_lens(x->mask);
		query_look_through(x->query, &lens);
	}
	const bool done = route->handle(x) && check_body(x);
	query_look_through(x->query, &(struct query_lens){ 0 });
	readers_give(x->site->readers, x->query);
	x->query = NULL;
	return done;
}

/* The same for who may not see people. */
static bool handle_masked(struct exchange *x, const struct route *route)
{
	struct mask mask;
	uint8_t key[SECRET_BYTES];
	if (auth_sees_people(x->site->auth, x->identity))
		return handle(x, route);
	auth_pseudonym_key(x->site->auth, key);
	mask_init(&mask, key);
	x->mask = &mask;
	const bool done = handle(x, route);
	mask_free(&mask);
	x->mask = NULL;
	return done;
}

/* May who asks have an answer of that path at all? */
static bool may_ask(struct exchange *x, const struct route *route)
{
	const struct identity *who = x->identity;
	const enum role role = route && route->role ? route->role : ROLE_VIEWER;
	if (route && (route->flags & ANYBODY))
		return true;
	if (who->way == AUTH_NOBODY && !auth_has_accounts(x->site->auth))
		return problem_set(
		        x->problem, 403, "not-local",
		        "without an account only a client on the same machine, "
		        "through no proxy and by the name localhost or a loopback "
		        "address, is served");
	if (who->way == AUTH_NOBODY)
		return problem_set(x->problem, 401, "login-needed",
		                   "a session or a token is needed");
	if (who->account.role < role)
		return problem_set(x->problem, 403, "not-allowed", "this takes the role %s",
		                   role_names[role]);
	return true;
}

static bool check_method(struct exchange *x, bool method_fits)
{
	const struct request *request = x->request;
	if (request->method == METHOD_OPTIONS)
		return true;
	if (!method_fits) {
		list_methods(request, x->response->allow, sizeof x->response->allow);
		return problem_set(x->problem, 405, "bad-method", "this path takes %s",
		                   x->response->allow);
	}
	if (request->method == METHOD_GET || request->method == METHOD_HEAD)
		return true;
	return auth_allows_write(x->identity, request, x->problem);
}

static bool answer(struct exchange *x)
{
	const struct request *request = x->request;
	struct response *response = x->response;
	struct text id = { 0 };
	bool method_fits;
	const struct route *route = find_route(request, &id, &method_fits);
	if (!may_ask(x, route))
		return false;
	if (!route)
		return problem_set(x->problem, 404, "no-such-path",
		                   "there is no such path");
	if (!check_method(x, method_fits))
		return false;
	if (request->method == METHOD_OPTIONS) {
		list_methods(request, response->allow, sizeof response->allow);
		response->status = 204;
		return true;
	}
	if (!request_allows(request, route->parameters, x->problem))
		return false;
	if (!response_negotiate(response, route->formats, request->accept))
		return problem_set(x->problem, 406, "not-acceptable",
		                   "this path has no answer of a type that Accept names");
	if (route->flags & NAMED)
		x->name = id;
	else if (id.at && !read_id(id, &x->id, x->problem))
		return false;
	x->kind = route->kind;
	response->status = 200;
	return handle_masked(x, route);
}

void routes_answer(struct site *site, const struct request *request, uint64_t number,
                   struct response *response)
{
	struct problem problem = { 0 };
	struct identity identity = { 0 };
	struct exchange x = { .site = site,
		              .request = request,
		              .response = response,
		              .problem = &problem,
		              .identity = &identity };
	*response = (struct response){ 0 };
	const struct asset *asset = assets_find(request); /* anybody's: to log in with */
	const bool done = asset ? assets_answer(asset, request, response, &problem)
	                        : auth_identify(site->auth, request, &identity, &problem) &&
	                                  answer(&x);
	text_copy(response->who, sizeof response->who, text_from(identity.account.name));
	if (!done)
		response_problem(response, &problem, number);
	response_finish(response, request);
}
