#include "probe/monitor_web.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "probe/web_site.h"
#include "web/in_flight.h"
#include "web/sockets.h"

enum {
	ENDED_CALLS = 512, /* of a batch; more are not told of */
	COUNT_MS = 100,    /* that the count of calls in progress may take */
};

struct monitor_web {
	struct site site;
	struct server *server; /* owned */
	struct query *query;   /* owned; for the count; NULL: it cannot be opened now */
	struct in_flight *in_flight; /* owned; NULL: memory ran out */
	const char *db;              /* borrowed */
	uint8_t key[SECRET_BYTES];
	struct call_record ended[ENDED_CALLS];
	nstime ended_at[ENDED_CALLS];
	size_t ended_count;
};

bool monitor_web_listen(struct monitor_options *options)
{
	const struct web_config *config = &options->config->web;
	char error[256];
	if (config->listen_count == 0)
		return true;
	if (sockets_listen(config->listen, config->listen_count, options->web_fds, error,
	                   sizeof error) != OK) {
		warnx("web: %s; the probe goes on without it", error);
		return false;
	}
	options->web_fd_count = config->listen_count;
	return true;
}

static bool open_site(struct monitor_web *web, const struct monitor_options *options)
{
	const struct web_site_options asked = { options->db, options->config, false };
	struct db_error error;
	if (web_site_open(&asked, &web->site, &error) != OK) {
		warnx("web: %s; the probe goes on without it", error.text);
		return false;
	}
	auth_pseudonym_key(web->site.auth, web->key);
	return live_new(&web->site.live) == OK;
}

static bool open_server(struct monitor_web *web, const struct monitor_options *options)
{
	struct server_options asked;
	struct server_error error;
	web_server_options(&options->config->web, &web->site, &asked);
	memcpy(asked.fds, options->web_fds, sizeof asked.fds);
	asked.fd_count = options->web_fd_count;
	if (server_start(&asked, &web->server, &error) == OK)
		return true;
	warnx("web: %s; the probe goes on without it", error.text);
	return false;
}

struct monitor_web *monitor_web_start(const struct monitor_options *options)
{
	struct monitor_web *web = options->web_fd_count ? calloc(1, sizeof *web) : NULL;
	if (!web)
		return NULL;
	web->db = options->db;
	if (in_flight_new(&web->in_flight) != OK)
		web->in_flight = NULL;
	if (open_site(web, options) && open_server(web, options))
		return web;
	monitor_web_stop(web);
	return NULL;
}

const uint8_t *monitor_web_key(const struct monitor_web *web)
{
	return web ? web->key : NULL;
}

/* --- what happens --------------------------------------------------------------------- */

void monitor_web_record(struct monitor_web *web, const struct record *record, bool over)
{
	if (web && web->in_flight)
		in_flight_note(web->in_flight, record, over);
	if (!web || !over || record->kind != RECORD_CALL || web->ended_count == ENDED_CALLS)
		return;
	web->ended_at[web->ended_count] = record->at;
	web->ended[web->ended_count++] = record->call;
}

void monitor_web_kept(struct monitor_web *web)
{
	for (size_t i = 0; web && i < web->ended_count; i++) {
		struct record record = { .kind = RECORD_CALL, .at = web->ended_at[i] };
		record.call = web->ended[i];
		live_publish_record(web->site.live, "call", &record, web->key);
	}
	monitor_web_not_kept(web);
}

void monitor_web_not_kept(struct monitor_web *web)
{
	if (web)
		web->ended_count = 0;
}

void monitor_web_greet(struct monitor_web *web)
{
	if (web && web->in_flight)
		in_flight_clear(web->in_flight);
}

void monitor_web_alert(struct monitor_web *web, const struct record *alert)
{
	if (web)
		live_publish_record(web->site.live, "alert", alert, web->key);
}

/* --- how it stands -------------------------------------------------------------------- */

/* Null where the database does not say it in a moment. */
static void add_in_progress(struct monitor_web *web, struct buffer *to)
{
	struct db_error error;
	uint64_t calls;
	if (!web->query && query_open(web->db, &web->query, &error) != OK)
		web->query = NULL;
	buffer_add_string(to, ",\"calls_in_progress\":");
	if (web->query) {
		query_brake(web->query, COUNT_MS);
		if (query_in_progress(web->query, &calls) == OK) {
			buffer_add_number(to, calls);
			return;
		}
		query_close(web->query); /* another file may be there in its place */
		web->query = NULL;
	}
	buffer_add_string(to, "null");
}

void monitor_web_tick(struct monitor_web *web, struct text standing)
{
	struct server_error error;
	struct buffer text = { 0 };
	if (!web)
		return;
	buffer_add(&text, standing);
	add_in_progress(web, &text);
	buffer_add_string(&text, ",\"quality\":");
	if (web->in_flight)
		in_flight_add(web->in_flight, &text);
	else
		buffer_add_string(&text, "null");
	buffer_add_char(&text, '}');
	if (!text.failed)
		live_publish_snapshot(web->site.live, "counters", buffer_text(&text),
		                      web->key);
	buffer_free(&text);
	if (!server_tend(web->server, &error))
		warnx("web: %s; the old one stays", error.text);
}

void monitor_web_reload(struct monitor_web *web)
{
	struct server_error error;
	if (web && !server_reload(web->server, &error))
		warnx("web: %s; the old one stays", error.text);
}

void monitor_web_rules(struct monitor_web *web, const struct config *config)
{
	if (web)
		web_site_rules(&web->site, config);
}

void monitor_web_stop(struct monitor_web *web)
{
	if (!web)
		return;
	if (web->site.readers)
		readers_close(web->site.readers);
	server_stop(web->server);
	live_free(web->site.live);
	in_flight_free(web->in_flight);
	query_close(web->query);
	web_site_close(&web->site);
	free(web);
}
