#include "probe/web_site.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "probe/accounts_file.h"
#include "probe/config_values.h"
#include "probe/dossier.h"
#include "probe/explain_call.h"
#include "probe/print_intervals.h"
#include "probe/version.h"

static enum status explain(struct query *query, const struct found *found,
                           struct buffer *to)
{
	const struct explain_subject subject = { found->kind, found->id };
	const struct explain_style style = { .mode = PRINT_JSON };
	struct dossier dossier = { 0 };
	const enum status status = dossier_read(&dossier, query, found);
	if (status == OK)
		explain_subject(&dossier, subject, style, to);
	to->failed |= dossier.no_memory;
	dossier_free(&dossier);
	return status;
}

static void tell_secret(const char *secret)
{
	fprintf(stderr, "The user 'admin' was made; its password, shown this once: %s\n",
	        secret);
}

/* Is all that it listens at this machine's own? */
static bool is_on_loopback(const struct web_config *config)
{
	for (size_t i = 0; i < config->listen_count; i++) {
		if (!request_address_is_local(&config->listen[i].address))
			return false;
	}
	return true;
}

/* Without need nothing is written beside the database. */
static enum status open_auth(const struct web_site_options *options, struct site *site,
                             struct db_error *error)
{
	const struct web_config *config = &options->config->web;
	struct auth_options auth = {
		.local_admin =
		        options->local_admin && !config->login && is_on_loopback(config),
		.tls = config->certificate[0],
		.masking = config->masking,
		.told = tell_secret,
	};
	char *path = accounts_file_path(options->db);
	if (!path) {
		snprintf(error->text, sizeof error->text, "out of memory");
		return ERR_NOMEM;
	}
	auth.path = path;
	auth.later = auth.local_admin && access(path, F_OK) != 0;
	const enum status status = auth_new(&auth, &site->auth, error);
	free(path);
	return status;
}

static enum status open_sla(const struct config *config, struct site *site)
{
	struct sla_settings *settings = malloc(sizeof *settings);
	enum status status = ERR_NOMEM;
	if (settings) {
		config_sla_settings(config, settings);
		status = sla_board_new(settings, &site->sla);
	}
	free(settings);
	return status;
}

enum status web_site_open(const struct web_site_options *options, struct site *site,
                          struct db_error *error)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	*site = (struct site){
		.version = EARSHOT_VERSION,
		.add_intervals = json_add_intervals,
		.explain = explain,
		.started = (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec,
	};
	enum status status = readers_new(options->db, &site->readers, error);
	if (status == OK)
		status = open_auth(options, site, error);
	if (status == OK && rule_board_new(&site->rules) != OK) {
		snprintf(error->text, sizeof error->text, "out of memory");
		status = ERR_NOMEM;
	}
	if (status == OK && open_sla(options->config, site) != OK) {
		snprintf(error->text, sizeof error->text, "out of memory");
		status = ERR_NOMEM;
	}
	if (status == OK)
		web_site_rules(site, options->config);
	if (status != OK)
		web_site_close(site);
	return status;
}

void web_site_rules(struct site *site, const struct config *config)
{
	rule_board_hang(site->rules, &config->rules, &config->alerts.own);
	sla_board_hang(site->sla, &config->sla);
}

void web_site_close(struct site *site)
{
	auth_free(site->auth);
	readers_free(site->readers);
	rule_board_free(site->rules);
	sla_board_free(site->sla);
	site->sla = NULL;
	site->rules = NULL;
	site->auth = NULL;
	site->readers = NULL;
}

bool web_config_check(const char *command, const struct web_config *config)
{
	if (!config->certificate[0] == !config->key[0])
		return true;
	warnx("%s: web.tls_certificate and web.tls_key go together", command);
	return false;
}

void web_server_options(const struct web_config *config, struct site *site,
                        struct server_options *out)
{
	*out = (struct server_options){
		.listen_count = config->listen_count,
		.certificate = config->certificate[0] ? config->certificate : NULL,
		.key = config->key[0] ? config->key : NULL,
		.access_log = config->access_log[0] ? config->access_log : NULL,
		.site = site,
	};
	memcpy(out->listen, config->listen, sizeof out->listen);
}
