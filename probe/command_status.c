/* command_status.c - `earshot status`: how the running probe fares. */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "probe/commands.h"
#include "probe/monitor_status.h"
#include "probe/options.h"
#include "web/display.h"

static const char usage[] =
        "usage: earshot status [options]\n"
        "\n"
        "Asks the running `earshot monitor` how it fares: its processes and how often they had\n"
        "to be started again, its interfaces, frames, what kernel and interfaces dropped, what\n"
        "waits for the database, how receivers of alerts fare.  The account of frames is at most\n"
        "5 s old.\n"
        "\n"
        "  -j, --json           one JSON object\n"
        "  -S, --status SOCKET  where it listens (/run/earshot/status)\n"
        "  -h, --help           this text\n"
        "\n"
        "Exit status: 0 all is well, 1 something is not, or no probe answers, 2 wrong usage.\n"
        "\n"
        "example:\n"
        "  earshot status --json | jq .account.kernel\n";

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "status", required_argument, NULL, 'S' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

enum { ANSWER_MOST = 1 << 20, ANSWER_PART = 4096, PATIENCE_S = 10 };

/* All that it says; false: it does not answer, which was said. */
static bool read_answer(const char *path, struct buffer *answer)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	if (!text_copy(at.sun_path, sizeof at.sun_path, text_from(path))) {
		warnx("%s: too long for a socket", path);
		return false;
	}
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
	    connect(fd, (const struct sockaddr *)&at, sizeof at)) {
		warn("no probe answers at %s", path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	ssize_t got = 0;
	char *to;
	while (answer->len < ANSWER_MOST && (to = buffer_room(answer, ANSWER_PART)) &&
	       (got = recv(fd, to, ANSWER_PART, 0)) > 0)
		answer->len += (size_t)got;
	close(fd);
	if (got == 0 && !answer->failed)
		return true;
	warnx("%s: the answer broke off", path);
	return false;
}

static long long number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static bool print_processes(const json_t *status)
{
	size_t i;
	json_t *process;
	bool well = true;
	json_array_foreach(json_object_get(status, "processes"), i, process)
	{
		const bool ready = json_is_true(json_object_get(process, "ready"));
		printf("%-10s  %s, pid %lld, restarts %lld\n",
		       json_string_value(json_object_get(process, "name")),
		       ready ? "works" : "does not work", number(process, "pid"),
		       number(process, "restarts"));
		well = well && ready;
	}
	return well;
}

static bool print_interfaces(const json_t *status)
{
	size_t i;
	json_t *interface;
	bool well = true;
	const json_t *kernel =
	        json_object_get(json_object_get(status, "account"), "kernel");
	json_array_foreach(json_object_get(status, "interfaces"), i, interface)
	{
		const json_t *counts = json_array_get(kernel, i);
		const bool given_up = json_is_true(json_object_get(interface, "given_up"));
		const bool open = json_is_true(json_object_get(interface, "open"));
		const bool up = json_is_true(json_object_get(interface, "up"));
		const bool silent = json_is_true(json_object_get(counts, "silent"));
		const long long kernel_drops = number(counts, "dropped");
		const long long lost = number(interface, "lost");
		const long long drops = kernel_drops + number(interface, "dropped");
		/* The kernel counts as received what it drops afterwards. */
		const long long came =
		        number(counts, "received") + number(interface, "dropped");
		printf("%-10s  %s, frames %lld, dropped by the kernel %lld, by the interface "
		       "%lld: %.3g %%\n",
		       json_string_value(json_object_get(interface, "name")),
		       given_up ? "not listened to any more"
		       : !open  ? "gone"
		       : !up    ? "down"
		       : silent ? "up, but brings nothing"
		                : "up",
		       number(counts, "received"), kernel_drops,
		       number(interface, "dropped"),
		       came > 0 ? 100 * (double)drops / (double)came : 0);
		if (lost)
			printf("%-10s  %s: frames lost with engines that died: %lld\n",
			       "lost",
			       json_string_value(json_object_get(interface, "name")), lost);
		well = well && (given_up || (open && up));
	}
	return well;
}

static bool print_folder(const json_t *status)
{
	const json_t *watch = json_object_get(status, "watch");
	const bool there = json_is_true(json_object_get(watch, "there"));
	if (!watch)
		return true;
	printf("%-10s  %s, files %lld, read %lld, waiting %lld\n", "folder",
	       there ? "is watched" : "is not there", number(watch, "files"),
	       number(watch, "read"), number(watch, "waiting"));
	return there;
}

/* Of all kinds together. */
static long long left_out(const json_t *account)
{
	const char *kind;
	json_t *count;
	long long total = 0;
	json_object_foreach(json_object_get(account, "records_not_kept"), kind, count)
	        total += json_integer_value(count);
	return total;
}

static void print_one_sided(const json_t *account)
{
	size_t i;
	json_t *side;
	json_array_foreach(json_object_get(account, "one_sided"), i, side)
	        printf("%-10s  of %s one direction is missing\n", "mirror",
	               json_string_value(side));
}

static void print_workers(const json_t *account)
{
	const json_t *workers = json_object_get(account, "workers");
	if (!workers)
		return;
	printf("%-10s  threads %lld, batches waiting %lld of %lld, at most %lld, late frames "
	       "%lld\n",
	       "workers", number(workers, "threads"), number(workers, "queued_batches"),
	       number(workers, "queue_batches"), number(workers, "queued_batches_most"),
	       number(workers, "late_frames"));
}

static void print_agents(const json_t *account)
{
	size_t i;
	json_t *agent;
	const json_t *hep = json_object_get(account, "hep");
	if (!hep)
		return;
	printf("%-10s  facts %lld, refused %lld, without key %lld, malformed %lld, dropped by the "
	       "kernel %lld\n",
	       "hep", number(hep, "received"), number(hep, "refused"),
	       number(hep, "unauthenticated"), number(hep, "malformed"),
	       number(hep, "dropped"));
	json_array_foreach(json_object_get(hep, "agents"), i, agent)
	{
		printf("%-10s  %s %lld: SIP %lld, RTCP %lld, RTP %lld, logs %lld, others %lld%s\n",
		       "agent", json_string_value(json_object_get(agent, "address")),
		       number(agent, "capture_id"), number(agent, "sip"),
		       number(agent, "rtcp"), number(agent, "rtp"), number(agent, "logs"),
		       number(agent, "others"),
		       json_is_true(json_object_get(agent, "clock_wrong"))
		               ? ", its clock is wrong"
		               : "");
	}
}

static void print_events(const json_t *status)
{
	size_t i;
	json_t *event;
	json_array_foreach(json_object_get(status, "events"), i, event)
	{
		const time_t at = (time_t)number(event, "at");
		struct tm utc;
		char when[32] = "";
		if (gmtime_r(&at, &utc))
			strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
		printf("%-10s  %s %s %s\n", "event", when,
		       json_string_value(json_object_get(event, "what")),
		       json_string_value(json_object_get(event, "subject")));
	}
}

static void print_stays(const json_t *status)
{
	size_t i;
	json_t *key;
	json_array_foreach(json_object_get(status, "needs_restart"), i, key)
	        printf("%-10s  %s has changed, and needs one\n", "restart",
	               json_string_value(key));
}

static void print_pressure(const json_t *account)
{
	const char *table;
	json_t *pressure;
	json_object_foreach(json_object_get(account, "pressure"), table, pressure) printf(
	        "%-10s  %s: %s %s, %lld times so far\n", "pressure", table,
	        json_is_true(json_object_get(pressure, "on")) ? "since" : "over since",
	        json_string_value(json_object_get(pressure, "changed")),
	        number(pressure, "times"));
}

/* What had to be forgotten before its time. */
static void print_forgotten(const json_t *account)
{
	static const char *const groups[] = { "counters", "capture" };
	const char *name;
	json_t *count;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		json_object_foreach(json_object_get(account, groups[i]), name,
		                    count) if (strstr(name, "evicted") &&
		                               json_integer_value(count))
		        printf("%-10s  %s: %lld so far\n", "made room", name,
		               (long long)json_integer_value(count));
}

static void print_receivers(const json_t *status)
{
	size_t i;
	json_t *receiver;
	json_array_foreach(json_object_get(status, "receivers"), i, receiver)
	{
		const char *error = json_string_value(json_object_get(receiver, "error"));
		struct buffer words = { 0 };
		display_text(&words, text_from(error ? error : ""));
		const char *transport =
		        json_string_value(json_object_get(receiver, "transport"));
		const char *taken =
		        json_string_value(json_object_get(receiver, "last_taken"));
		printf("%-10s  %s%s%s: %s, waiting %lld, given up %lld, took the last %s%s%.*s\n",
		       "receiver", json_string_value(json_object_get(receiver, "name")),
		       transport ? " by " : "", transport ? transport : "",
		       json_string_value(json_object_get(receiver, "state")),
		       number(receiver, "waiting"), number(receiver, "dead"),
		       taken ? taken : "never", words.len ? ": " : "", (int)words.len,
		       words.len ? words.at : "");
		buffer_free(&words);
	}
}

static bool print_text(const json_t *status)
{
	const json_t *store = json_object_get(status, "store");
	const json_t *account = json_object_get(status, "account");
	const bool processes = print_processes(status);
	const bool interfaces = print_interfaces(status) && print_folder(status);
	const bool waiting = !store || !json_is_false(json_object_get(store, "waiting"));
	const char *trouble = json_string_value(json_object_get(store, "trouble"));
	printf("%-10s  %s%s%s, records kept %lld, left out %lld, waiting %lld bytes\n",
	       "database", waiting ? "does not take records" : "works", trouble ? ": " : "",
	       trouble ? trouble : "", number(store, "durable"), left_out(account),
	       number(account, "queue_bytes") + number(store, "held_bytes") +
	               number(store, "spill_bytes"));
	printf("%-10s  %lld bytes in the engine, %lld in the keeper, %lld beside the database; "
	       "the longest wait of this minute %lld ms\n",
	       "queues", number(account, "queue_bytes"), number(store, "held_bytes"),
	       number(store, "spill_bytes"), number(store, "lag_ms"));
	printf("%-10s  frames %lld, calls %lld, legs %lld, streams %lld, SIP messages %lld\n",
	       "analysed", number(account, "frames"), number(account, "calls"),
	       number(account, "legs"), number(account, "streams"),
	       number(account, "sip_messages"));
	if (number(account, "clock_set"))
		printf("%-10s  of this machine was set %lld times since the engine began\n",
		       "clock", number(account, "clock_set"));
	print_stays(status);
	print_pressure(account);
	print_forgotten(account);
	print_workers(account);
	print_receivers(status);
	print_events(status);
	print_one_sided(account);
	print_agents(account);
	return processes && interfaces && !waiting;
}

static int show(const struct buffer *answer, bool json)
{
	json_error_t error;
	json_t *status = json_loadb(answer->at, answer->len, 0, &error);
	if (!status) {
		warnx("the answer is no JSON: %s", error.text);
		return EXIT_FAILURE;
	}
	bool well = true;
	if (json)
		fwrite(answer->at, 1, answer->len, stdout);
	else
		well = print_text(status);
	json_decref(status);
	const int flushed = options_flush_stdout();
	return flushed ? flushed : well ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_status(int argc, char **argv)
{
	const char *path = STATUS_SOCKET;
	bool json = false;
	int option;
	while ((option = getopt_long(argc, argv, "jS:h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return options_flush_stdout();
		}
		if (option == '?')
			return EXIT_USAGE;
		json = json || option == 'j';
		path = option == 'S' ? optarg : path;
	}
	if (optind < argc) {
		warnx("there is an argument too many; see earshot status --help");
		return EXIT_USAGE;
	}
	struct buffer answer = { 0 };
	const int status = read_answer(path, &answer) ? show(&answer, json) : EXIT_FAILURE;
	buffer_free(&answer);
	return status;
}
