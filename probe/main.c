/*
 * main.c - the program `earshot`: finds the subcommand.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/status.h"
#include "probe/commands.h"
#include "probe/options.h"
#include "probe/version.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "analyze", command_analyze, "calls and their quality out of capture files" },
	{ "explain", command_explain, "how a stream's MOS came about" },
	{ "extract", command_extract, "the packets of one call, as a new capture file" },
	{ "calls", command_calls, "the calls kept in a database" },
	{ "call", command_call, "one call: legs, streams and the SIP ladder" },
	{ "findings", command_findings, "what most probably went wrong in calls" },
	{ "trunks", command_trunks, "what each trunk carried, and who is unknown" },
	{ "kpis", command_kpis, "ratios, delays and traffic of a database" },
	{ "report", command_report,
	  "what a trunk delivered in a month, beside the targets" },
	{ "registrations", command_registrations, "who is registered where" },
	{ "peers", command_peers, "who answers requests, who does not, and failovers" },
	{ "security", command_security, "what looks like an attack" },
	{ "alerts", command_alerts, "what the rules found worth waking somebody" },
	{ "export", command_export,
	  "records of a database as CSV or JSON, to go on with later" },
	{ "monitor", command_monitor, "listens on interfaces and keeps what it hears" },
	{ "status", command_status, "how the running monitor fares" },
	{ "serve", command_serve, "the dashboard and the API over a database" },
	{ "user", command_user, "who may log in to the dashboard" },
	{ "token", command_token, "which programs may ask the API" },
	{ "config", command_config, "is a configuration file good, and what may it say" },
	{ "db", command_db, "is a database whole, and what is old leaves it" },
	{ "mos", command_mos, "the E-model as a calculator" },
};

static void print_help(FILE *out)
{
	fprintf(out,
	        "usage: earshot COMMAND [options]\n"
	        "\n"
	        "Passive voice quality probe: SIP calls and RTP streams out of packets.\n"
	        "\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(out, "  %-13s  %s\n", commands[i].name, commands[i].summary);
	fprintf(out,
	        "\n"
	        "  -h, --help     this text; `earshot help COMMAND` for a command's own\n"
	        "  -V, --version  the version\n"
	        "\n"
	        "examples:\n"
	        "  earshot analyze capture.pcap\n"
	        "  earshot analyze --db calls.db *.pcapng && earshot calls --db calls.db\n");
}

static int run_command(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, argv[0]) == 0)
			return commands[i].run(argc, argv);
	}
	warnx("no command '%s'", argv[0]);
	fprintf(stderr, "Try 'earshot --help'.\n");
	return EXIT_USAGE;
}

/* `earshot help`, and `earshot help COMMAND` for `earshot COMMAND --help`. */
static int help(char *command)
{
	char option[] = "--help";
	if (command)
		return run_command(2, (char *[]){ command, option, NULL });
	print_help(stdout);
	return options_flush_stdout();
}

int main(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : NULL;
	if (!first) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(first, "help") == 0)
		return help(argv[2]);
	if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
		return help(NULL);
	if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
		printf("earshot %s\n", EARSHOT_VERSION);
		return options_flush_stdout();
	}
	return run_command(argc - 1, argv + 1);
}
