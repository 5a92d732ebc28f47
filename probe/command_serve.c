/*
 * command_serve.c - `earshot serve`: the API over an existing database, read-only.
 */
#include "probe/commands.h"

#include <err.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "probe/accounts_file.h"
#include "probe/options.h"
#include "probe/web_site.h"
#include "schema/field_text.h"
#include "web/request.h"
#include "web/server.h"

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
        "  -l, --listen ADDR:PORT  where to listen (default 127.0.0.1:8080); port 0 is any\n"
        "                          that is free: the first line of output says which\n"
        "  -L, --login             nobody is served without an account\n"
        "  -h, --help              this text\n"
        "\n"
        "examples:\n"
        "  earshot serve --db calls.db\n"
        "  curl 'http://127.0.0.1:8080/api/v1/calls?filter=mos_lq_min<3.6'\n";

struct serving {
	const char *db;
	struct endpoint listen;
	bool login, help;
};

static const struct option known_options[] = {
	{ "db", required_argument, NULL, 'd' },
	{ "listen", required_argument, NULL, 'l' },
	{ "login", no_argument, NULL, 'L' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* Prints what is wrong. */
static bool read_options(int argc, char **argv, struct serving *out)
{
	int option;
	const char *listen = "127.0.0.1:8080";
	optind = 1;
	while ((option = getopt_long(argc, argv, "d:l:Lh", known_options, NULL)) != -1) {
		if (option == 'd')
			out->db = optarg;
		else if (option == 'l')
			listen = optarg;
		else if (option == 'L')
			out->login = true;
		else if (option == 'h')
			out->help = true;
		else
			return false;
	}
	if (out->help)
		return true;
	if (!out->db || optind < argc) {
		warnx("%s: %s", argv[0],
		      out->db ? "no arguments but options, please" : "--db FILE is needed");
		return false;
	}
	if (endpoint_parse(text_from(listen), &out->listen) == OK)
		return true;
	warnx("%s: --listen: '%s' is no address and port, as 127.0.0.1:8080 or [::1]:8080",
	      argv[0], listen);
	return false;
}

/* The signals that end it are blocked before threads are made, and waited for here. */
static void block_signals(sigset_t *ends)
{
	sigemptyset(ends);
	sigaddset(ends, SIGINT);
	sigaddset(ends, SIGTERM);
	sigaddset(ends, SIGHUP);
	sigprocmask(SIG_BLOCK, ends, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void wait_for_end(struct server *server, const sigset_t *ends)
{
	const struct timespec second = { .tv_sec = 1 };
	while (sigtimedwait(ends, NULL, &second) < 0)
		server_tend(server);
}

static void tell_secret(const char *secret)
{
	fprintf(stderr, "The user 'admin' was made; its password, shown this once: %s\n",
	        secret);
}

/* Without need nothing is written beside the database. */
static enum status open_auth(const struct serving *serving, struct auth **out,
                             struct db_error *error)
{
	struct auth_options options = {
		.local_admin = !serving->login &&
		               request_address_is_local(&serving->listen.address),
		.told = tell_secret,
	};
	char *path = accounts_file_path(serving->db);
	if (!path) {
		snprintf(error->text, sizeof error->text, "out of memory");
		return ERR_NOMEM;
	}
	if (!options.local_admin || access(path, F_OK) == 0)
		options.path = path;
	const enum status status = auth_new(&options, out, error);
	free(path);
	return status;
}

static int serve(const char *command, const struct serving *serving, struct site *site)
{
	const struct server_options options = { .listen = serving->listen, .site = site };
	struct server *server = NULL;
	struct server_error error;
	sigset_t ends;
	char text[ENDPOINT_TEXT_SIZE];
	block_signals(&ends);
	if (server_start(&options, &server, &error) != OK) {
		warnx("%s: %s", command, error.text);
		return EXIT_FAILURE;
	}
	const struct endpoint where = server_endpoint(server);
	printf("http://%s/\n", endpoint_format(&where, text));
	fflush(stdout);
	wait_for_end(server, &ends);
	server_stop(server);
	return options_flush_stdout();
}

int command_serve(int argc, char **argv)
{
	struct serving serving = { 0 };
	struct site site;
	struct db_error error;
	if (!read_options(argc, argv, &serving)) {
		fprintf(stderr, "Try 'earshot %s --help'.\n", argv[0]);
		return EXIT_USAGE;
	}
	if (serving.help) {
		fputs(help, stdout);
		return options_flush_stdout();
	}
	web_site_init(&site);
	int exit_status = EXIT_FAILURE;
	if (readers_new(serving.db, &site.readers, &error) == OK &&
	    open_auth(&serving, &site.auth, &error) == OK)
		exit_status = serve(argv[0], &serving, &site);
	else
		warnx("%s: %s", argv[0], error.text);
	auth_free(site.auth);
	readers_free(site.readers);
	return exit_status;
}
