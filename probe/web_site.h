/*
 * web_site.h - what the program gives to web/: its version, the answers that take the
 * E-model, and what the configuration says of it.
 */
#ifndef EARSHOT_PROBE_WEB_SITE_H
#define EARSHOT_PROBE_WEB_SITE_H

#include "probe/config.h"
#include "web/server.h"
#include "web/site.h"

struct web_site_options {
	const char *db;
	const struct config *config; /* borrowed as long as the site */
	/* Whoever asks from this machine may have no account: earshot serve alone. */
	bool local_admin;
};

/*
 * The database and the accounts beside it, which are made where they are needed; says on
 * standard error, once, what the password of the first user is.  *error is filled.
 */
MUST_CHECK enum status web_site_open(const struct web_site_options *options,
                                     struct site *site, struct db_error *error);
void web_site_close(struct site *site);
/* The rules of that configuration are shown from now on. */
void web_site_rules(struct site *site, const struct config *config);

/* Does the configuration make sense?  Says what does not. */
bool web_config_check(const char *command, const struct web_config *config);

void web_server_options(const struct web_config *config, struct site *site,
                        struct server_options *out);

#endif
