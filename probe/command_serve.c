/*
 * command_serve.c - `earshot serve`: the API over an existing database, read-only.
 */
#include "probe/commands.h"

#include <err.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "probe/config_option.h"
#include "probe/config_values.h"
#include "probe/options.h"
#include "probe/web_site.h"
#include "schema/field_text.h"

static const char help[] =
        "usage: earshot serve --db FILE [options]\n"
        "\n"
        "The dashboard and the API over what `earshot analyze --db` kept, until interrupted;\n"
        "the database is only read.  The API is described under /api/v1/openapi.yaml, metrics\n"
        "for Prometheus are under /metrics.  On a loopback address clients on this machine\n"
        "need no account, unless a proxy stands in front of them; all others log in or show\n"
        "a token, see earshot user and earshot token.  Accounts are in FILE.state; the first\n"
        "start that needs them makes the user admin, and shows its password once.\n"
        "\n"
        "  -d, --db FILE           the database\n"
        "  -l, --listen ADDR:PORT  where to listen (default 127.0.0.1:8080); may be repeated;\n"
        "                          port 0 is any that is free: output says which\n"
        "  -C, --config FILE       configuration, of which the section web counts\n"
        "  -L, --login             nobody is served without an account\n"
        "  -h, --help              this text\n"
        "\n"
        "examples:\n"
        "  earshot serve --db calls.db\n"
        "  curl 'http://127.0.0.1:8080/api/v1/calls?filter=mos_lq_min<3.6'\n";

struct serving {
	const char *command, *db;
	struct config *config; /* owned */
	bool listens;          /* --listen was given: the configuration's does not count */
};

static bool take_listen(void *into, char *where)
{
	struct serving *s = into;
	struct option_error error;
	if (!s->listens)
		config_begin_web_listen(s->config);
	s->listens = true;
	if (config_take_web_listen(s->config, where, &error))
		return true;
	warnx("%s: --listen: %s, as 127.0.0.1:8080 or [::1]:8080", s->command, error.text);
	return false;
}

static bool take_login(void *into, char *none)
{
	struct serving *s = into;
	(void)none;
	return s->config->web.login = true;
}

/* clang-format off */
static const struct option_row option_rows[] = {
	{ "db", 'd', OPTION_WORD, offsetof(struct serving, db) },
	{ "listen", 'l', OPTION_TAKE, .take = take_listen },
	{ "config", 'C', OPTION_READ },
	{ "login", 'L', OPTION_DO, .take = take_login },
	{ "help", 'h', OPTION_HELP },
};
/* clang-format on */

/* Prints what is wrong. */
static enum option_outcome read_options(struct serving *s, int argc, char **argv)
{
	if (!config_option(s->config, option_rows, ARRAY_LEN(option_rows), argc, argv))
		return OPTIONS_WRONG;
	const enum option_outcome outcome =
	        option_table_read(option_rows, ARRAY_LEN(option_rows), argc, argv, s);
	if (outcome != OPTIONS_GOOD)
		return outcome;
	if (s->config->web.listen_count == 0) {
		warnx("%s: web.listen of the configuration has no address", s->command);
		return OPTIONS_WRONG;
	}
	if (s->db && optind == argc)
		return web_config_check(s->command, &s->config->web) ? OPTIONS_GOOD
		                                                     : OPTIONS_WRONG;
	warnx("%s: %s", s->command,
	      s->db ? "no arguments but options, please" : "--db FILE is needed");
	return OPTIONS_WRONG;
}

/* The signals that it heeds are blocked before threads are made, and waited for here. */
static void block_signals(sigset_t *heeded)
{
	sigemptyset(heeded);
	sigaddset(heeded, SIGINT);
	sigaddset(heeded, SIGTERM);
	sigaddset(heeded, SIGHUP);
	sigprocmask(SIG_BLOCK, heeded, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void wait_for_end(const struct serving *s, struct server *server,
                         const sigset_t *heeded)
{
	const struct timespec second = { .tv_sec = 1 };
	struct server_error error;
	for (;;) {
		const int signal = sigtimedwait(heeded, NULL, &second);
		if (signal == SIGINT || signal == SIGTERM)
			return;
		if (!(signal == SIGHUP ? server_reload(server, &error)
		                       : server_tend(server, &error)))
			warnx("%s: %s", s->command, error.text);
	}
}

static void tell_where(const struct serving *s, const struct server *server)
{
	char text[ENDPOINT_TEXT_SIZE];
	for (size_t i = 0; i < s->config->web.listen_count; i++) {
		const struct endpoint where = server_endpoint(server, i);
		printf("http%s://%s/\n", s->config->web.certificate[0] ? "s" : "",
		       endpoint_format(&where, text));
	}
	fflush(stdout);
}

static int serve(const struct serving *s, struct site *site)
{
	struct server_options options;
	struct server *server = NULL;
	struct server_error error;
	sigset_t heeded;
	block_signals(&heeded);
	web_server_options(&s->config->web, site, &options);
	if (server_start(&options, &server, &error) != OK) {
		warnx("%s: %s", s->command, error.text);
		return EXIT_FAILURE;
	}
	tell_where(s, server);
	wait_for_end(s, server, &heeded);
	server_stop(server);
	return options_flush_stdout();
}

static int run(struct serving *s, int argc, char **argv)
{
	struct site site;
	struct db_error error;
	const enum option_outcome outcome = read_options(s, argc, argv);
	if (outcome != OPTIONS_GOOD)
		return option_table_stop(outcome, argv[0], help);
	const struct web_site_options options = { s->db, s->config, true };
	if (web_site_open(&options, &site, &error) != OK) {
		warnx("%s: %s", s->command, error.text);
		return EXIT_FAILURE;
	}
	const int exit_status = serve(s, &site);
	web_site_close(&site);
	return exit_status;
}

int command_serve(int argc, char **argv)
{
	struct serving s = { .command = argv[0], .config = config_new() };
	if (!s.config) {
		warnx("%s: out of memory", argv[0]);
		return EXIT_FAILURE;
	}
	const int exit_status = run(&s, argc, argv);
	config_free(s.config);
	return exit_status;
}
