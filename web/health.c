/* health.c - what is said of the server and of the capture itself. */
#include "web/handlers.h"

#include "schema/utf8.h"
#include "web/display.h"
#include "web/openapi.h"
#include "web/receivers.h"
#include "web/record_json.h"

bool handle_health(struct exchange *x)
{
	buffer_add_string(&x->response->body, "{\"status\":\"ok\"}\n");
	return true;
}

/* Does the database answer? */
bool handle_ready(struct exchange *x)
{
	struct run_facts facts;
	const enum status status = query_run(x->query, &facts);
	run_facts_end(&facts);
	if (status != OK && status != ERR_NOT_FOUND)
		return handler_failed(x);
	buffer_add_string(&x->response->body, "{\"status\":\"ready\"}\n");
	return true;
}

bool handle_version(struct exchange *x)
{
	struct buffer *to = &x->response->body;
	buffer_add_char(to, '{');
	json_add_name(to, "name");
	buffer_add_string(to, "\"earshot\"");
	json_add_name(to, "version");
	display_json(to, text_from(x->site->version));
	json_add_name(to, "api");
	buffer_add_string(to, "\"v1\"");
	json_add_name(to, "live");
	buffer_add_string(to, x->site->live ? "true}\n" : "false}\n");
	return true;
}

/* JSON of our own making, out of the database. */
static void add_kept(struct buffer *to, const char *name, struct text json)
{
	json_add_name(to, name);
	while (json.len > 0 && json.at[json.len - 1] == '\n')
		json.len--;
	buffer_add(to, json.len > 0 && utf8_valid(json) ? json : TEXT("null"));
}

static void add_facts(struct exchange *x, const struct run_facts *facts)
{
	struct buffer masked = { 0 };
	struct buffer *to = &x->response->body;
	struct text summary = facts->summary;
	if (x->mask) {
		mask_add_counts(x->mask, summary, &masked);
		summary = buffer_text(&masked);
	}
	buffer_add_string(to, "{\"kind\":\"probe\"");
	json_add_count(to, "runs", facts->runs);
	json_add_name(to, "program");
	display_json(to, facts->program);
	json_add_time(to, "written", facts->written);
	json_add_count(to, "frames", (uint64_t)facts->frames);
	add_kept(to, "files", facts->files);
	add_kept(to, "summary", summary);
	json_add_name(to, "receivers");
	receivers_add(x->site, to);
	buffer_add_string(to, "}\n");
	to->failed |= masked.failed;
	buffer_free(&masked);
}

bool handle_probe(struct exchange *x)
{
	struct run_facts facts;
	const enum status status = query_run(x->query, &facts);
	if (status == OK)
		add_facts(x, &facts);
	else if (status == ERR_NOT_FOUND)
		problem_set(x->problem, 404, "no-run", "no run has been kept yet");
	else
		handler_failed(x);
	run_facts_end(&facts);
	return status == OK;
}

bool handle_openapi(struct exchange *x)
{
	buffer_add(&x->response->body,
	           (struct text){ (const char *)openapi_yaml, openapi_yaml_size });
	x->response->public = true;
	return true;
}
