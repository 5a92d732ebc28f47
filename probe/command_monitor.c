/* command_monitor.c - `earshot monitor`: the probe as an appliance. */
#include <err.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe/commands.h"
#include "probe/monitor.h"
#include "probe/monitor_listen.h"
#include "probe/monitor_status.h"
#include "probe/monitor_web.h"
#include "probe/option_table.h"
#include "probe/options.h"
#include "probe/web_site.h"

static const char usage[] =
        "usage: earshot monitor -i INTERFACE --db FILE [options]\n"
        "       earshot monitor --hep ADDRESS:PORT --db FILE [options]\n"
        "       earshot monitor --watch FOLDER --db FILE [options]\n"
        "\n"
        "Listens on interfaces (a mirror port, as a rule) and keeps calls, legs and streams in\n"
        "a database, for months.  Runs in the foreground until SIGTERM, which ends it in order\n"
        "within 5 s; SIGHUP reads the configuration again: interfaces, trunks, alert rules\n"
        "and most else take effect at once, and no call is lost.\n"
        "\n"
        "  -i, --interface NAME   listen there; may be repeated\n"
        "  -H, --hep ADDR:PORT    hear what proxies and media relays tell by HEP3 there, UDP\n"
        "                         and TCP; of this machine alone, unless the configuration\n"
        "                         says hep.allow or hep.key\n"
        "  -p, --pcap-listen ADDR:PORT\n"
        "                         take captures there that are made elsewhere and sent on, as\n"
        "                         by tcpdump -U -w - | nc; up to 4 at a time\n"
        "  -r, --read PIPE        read a capture from a named pipe, or - for standard input\n"
        "  -w, --watch FOLDER     in place of interfaces: read the captures that are written\n"
        "                         there (tcpdump -G or -C, dumpcap -b), each when it is\n"
        "                         finished and once, whatever is restarted meanwhile\n"
        "  -d, --db FILE          the SQLite database\n"
        "  -c, --config FILE      configuration\n"
        "  -f, --bpf EXPR         only frames that match, see pcap-filter(7)\n"
        "  -m, --messages         keep SIP messages whole, not only their first lines\n"
        "  -s, --snaplen BYTES    of a frame, 64 to 65535 (65535)\n"
        "  -B, --buffer MIB       memory for frames not yet read, of each interface (64)\n"
        "      --workers N        threads that take frames off the interfaces, 1 to 8 (1)\n"
        "  -P, --no-promiscuous   only frames for this machine\n"
        "  -N, --no-ndpi          do not look for voice traffic of other applications\n"
        "  -S, --status SOCKET    where `earshot status` finds it (/run/earshot/status); an empty\n"
        "                         word: nowhere\n"
        "      --engine-user USER user that reads packets, a name or a number\n"
        "                         (earshot-engine)\n"
        "      --keeper-user USER user that the database is of (earshot)\n"
        "      --notifier-user USER\n"
        "                         user that delivers alerts, where the configuration has\n"
        "                         receivers (earshot-notifier)\n"
        "  -W, --no-web           without the API and the pages\n"
        "      --insecure         go on when a right cannot be given up\n"
        "  -h, --help             this text\n"
        "\n"
        "It is started as root: one process stays root, to open interfaces; packets are read\n"
        "by a second one without any right, and the database is written by a third.\n"
        "\n"
        "Exit status: 0 ended in order, 1 failed, 2 wrong usage.\n"
        "\n"
        "example:\n"
        "  earshot monitor -i eth1 --db /var/lib/earshot/calls.db\n";

enum { ENGINE_USER = 256, KEEPER_USER, NOTIFIER_USER, INSECURE, WORKERS };

struct wanted {
	struct monitor_options monitor;
	const char *engine_user, *keeper_user, *notifier_user;
};

static bool take_interface(void *into, char *name)
{
	struct monitor_options *monitor = &((struct wanted *)into)->monitor;
	for (size_t i = 0; i < monitor->interface_count; i++)
		if (text_equal(text_from(monitor->interfaces[i]), text_from(name))) {
			warnx("--interface: %s stands there twice", name);
			return false;
		}
	if (monitor->interface_count < LIVE_INTERFACES) {
		monitor->interfaces[monitor->interface_count++] = name;
		return true;
	}
	warnx("--interface: at most %d", LIVE_INTERFACES);
	return false;
}

static bool take_address(const char *option, const char *argument)
{
	if (listening_is_address(argument))
		return true;
	warnx("--%s: '%s' is not ADDRESS:PORT, such as 127.0.0.1:9060", option, argument);
	return false;
}

static bool take_hep(void *into, char *address)
{
	struct wanted *w = into;
	w->monitor.hep = address;
	return take_address("hep", address);
}

static bool take_pcap_listen(void *into, char *address)
{
	struct wanted *w = into;
	w->monitor.pcap_listen = address;
	return take_address("pcap-listen", address);
}

static bool take_status(void *into, char *path)
{
	struct wanted *w = into;
	w->monitor.status = *path ? path : NULL;
	return true;
}

/* clang-format off */
#define AT(member) offsetof(struct wanted, member)
static const struct option_row option_rows[] = {
	{ "interface", 'i', OPTION_TAKE, .take = take_interface },
	{ "hep", 'H', OPTION_TAKE, .take = take_hep },
	{ "pcap-listen", 'p', OPTION_TAKE, .take = take_pcap_listen },
	{ "read", 'r', OPTION_WORD, AT(monitor.read) },
	{ "watch", 'w', OPTION_WORD, AT(monitor.watch) },
	{ "db", 'd', OPTION_WORD, AT(monitor.db) },
	{ "config", 'c', OPTION_WORD, AT(monitor.config_path) },
	{ "bpf", 'f', OPTION_WORD, AT(monitor.bpf) },
	{ "messages", 'm', OPTION_FLAG, AT(monitor.messages) },
	{ "snaplen", 's', OPTION_NUMBER, AT(monitor.snaplen), .least = 64, .most = 65535 },
	{ "buffer", 'B', OPTION_NUMBER, AT(monitor.buffer_mib), .least = 1, .most = 2047 },
	{ "workers", WORKERS, OPTION_NUMBER, AT(monitor.workers), .least = 1, .most = LIVE_WORKERS },
	{ "no-promiscuous", 'P', OPTION_NO_FLAG, AT(monitor.promiscuous) },
	{ "no-ndpi", 'N', OPTION_FLAG, AT(monitor.no_ndpi) },
	{ "status", 'S', OPTION_TAKE, .take = take_status },
	{ "engine-user", ENGINE_USER, OPTION_WORD, AT(engine_user) },
	{ "keeper-user", KEEPER_USER, OPTION_WORD, AT(keeper_user) },
	{ "notifier-user", NOTIFIER_USER, OPTION_WORD, AT(notifier_user) },
	{ "insecure", INSECURE, OPTION_FLAG, AT(monitor.insecure) },
	{ "no-web", 'W', OPTION_FLAG, AT(monitor.no_web) },
	{ "help", 'h', OPTION_HELP },
};
/* clang-format on */

static bool is_complete(const struct monitor_options *monitor)
{
	const char *wrong = monitor->db ? monitor_lacks(monitor) : "no database was given";
	if (wrong)
		warnx("%s; see earshot monitor --help", wrong);
	return !wrong;
}

static bool find_users(struct wanted *w)
{
	char error[SANDBOX_ERROR_SIZE];
	if (sandbox_find_user(w->engine_user, &w->monitor.engine, error) == OK &&
	    sandbox_find_user(w->keeper_user, &w->monitor.keeper, error) == OK &&
	    (sandbox_find_user(w->notifier_user, &w->monitor.notifier, error) == OK ||
	     w->monitor.config->notify.count == 0))
		return true;
	warnx("%s", error);
	return false;
}

static bool load_config(struct monitor_options *monitor)
{
	struct config_error error;
	if (!monitor->config_path ||
	    config_load(monitor->config, monitor->config_path, &error) == OK)
		return true;
	warnx("%s", error.text);
	return false;
}

static int run(struct wanted *w)
{
	struct monitor_options *monitor = &w->monitor;
	if (!load_config(monitor))
		return EXIT_USAGE;
	const struct monitor_options asked = *monitor;
	monitor_settle(monitor, &asked, monitor->config);
	if (!is_complete(monitor) || !web_config_check("monitor", &monitor->config->web))
		return EXIT_USAGE;
	if (!find_users(w))
		return EXIT_FAILURE;
	/* Without the web, where it cannot be: what is heard is worth more. */
	if (!monitor->no_web)
		monitor_web_listen(monitor);
	return monitor_run(monitor);
}

int command_monitor(int argc, char **argv)
{
	struct wanted w = {
		.monitor = { .promiscuous = true,
		             .status = STATUS_SOCKET,
		             .config = config_new() },
		.engine_user = "earshot-engine",
		.keeper_user = "earshot",
		.notifier_user = "earshot-notifier",
	};
	if (!w.monitor.config) {
		warnx("memory ran out");
		return EXIT_FAILURE;
	}
	enum option_outcome outcome =
	        option_table_read(option_rows, ARRAY_LEN(option_rows), argc, argv, &w);
	if (outcome == OPTIONS_GOOD && optind < argc) {
		warnx("there is an argument too many");
		outcome = OPTIONS_WRONG;
	}
	const int status = outcome == OPTIONS_GOOD
	                           ? run(&w)
	                           : option_table_stop(outcome, argv[0], usage);
	config_free(w.monitor.config);
	return status;
}
