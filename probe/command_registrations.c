/*
 * command_registrations.c - `earshot registrations`: who is registered where, out of a
 * database.
 */
#include "probe/commands.h"

#include "probe/list.h"

static const char help[] =
        "usage: earshot registrations --db FILE [options]\n"
        "\n"
        "The contacts that registrars have accepted, as they stood last: registered, expired or\n"
        "removed; with --attempts every REGISTER and what came of it, newest first.\n"
        "\n"
        "  -d, --db FILE     the database\n"
        "  -a, --attempts    the attempts, those that failed too\n"
        "  -f, --filter EXPR only those that match; see FILTERS in earshot(1)\n"
        "  -n, --limit N     at most so many (default 100)\n"
        "  -j, --json        one JSON object a line\n"
        "  -c, --csv         comma-separated values under a line of names\n"
        "  -h, --help        this text\n"
        "\n"
        "examples:\n"
        "  earshot registrations --db calls.db\n"
        "  earshot registrations --db calls.db --json | jq 'select(.state == \"expired\")'\n"
        "  earshot registrations --db calls.db --attempts --json | jq 'select(.status == 403)'\n";

static void add_binding(struct table *table, const struct record *record)
{
	const struct binding_record *b = &record->binding;
	list_cell_word(table, record, "state");
	list_cell_wire(table, b->aor);
	list_cell_wire(table, b->contact);
	list_cell_endpoint(table, &b->src);
	list_cell_endpoint(table, &b->registrar);
	list_cell_time(table, b->last);
	list_cell_time(table, b->expires);
	list_cell_count(table, b->refreshes);
	list_cell_count(table, b->failures);
	list_cell_count(table, b->source_changes);
	list_cell_real(table, b->rrd_mean_ms, 1);
	list_cell_wire(table, b->nat ? "NAT" : "");
	list_cell_wire(table, b->user_agent);
}

static void add_attempt(struct table *table, const struct record *record)
{
	const struct registration_record *r = &record->registration;
	list_cell_time(table, r->at);
	list_cell_count(table, r->status);
	list_cell_word(table, record, "purpose");
	list_cell_wire(table, r->aor);
	list_cell_wire(table, r->contact);
	list_cell_endpoint(table, &r->src);
	list_cell_endpoint(table, &r->registrar);
	list_cell_real(table, r->expires_s, 0);
	list_cell_real(table, r->rrd_ms, 1);
	list_cell_count(table, r->auth_rounds);
	list_cell_endpoint(table, &r->src_before);
	list_cell_wire(table, r->user_agent);
}

static const char *const binding_titles[] = {
	"state",     "account", "contact", "from",   "registrar", "last",     "expires",
	"refreshed", "failed",  "moved",   "RRD ms", "",          "software",
};
static const bool binding_right[] = { false, false, false, false, false, false, false,
	                              true,  true,  true,  true,  false, false };
static const struct list bindings = { RECORD_BINDING, ARRAY_LEN(binding_titles),
	                              binding_titles, binding_right, add_binding };

static const char *const attempt_titles[] = {
	"at",        "status",    "purpose", "account",    "contact",     "from",
	"registrar", "granted s", "RRD ms",  "challenges", "from before", "software",
};
static const bool attempt_right[] = { false, true, false, false, false, false,
	                              false, true, true,  true,  false, false };
static const struct list attempts = { RECORD_REGISTRATION, ARRAY_LEN(attempt_titles),
	                              attempt_titles, attempt_right, add_attempt };

int command_registrations(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help,
		                                      .list = true,
		                                      .second_letter = 'a' };
	struct options options;
	int exit_status = 0;
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	const struct list *lists[] = { options.second ? &attempts : &bindings };
	return list_command(argv[0], &options, lists, 1);
}
