/*
 * command_accounts.c - `earshot user` and `earshot token`: who may ask the server about the
 * calls of a database, in FILE.state beside it.
 */
#include "probe/commands.h"

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "probe/accounts_file.h"
#include "probe/option_table.h"
#include "probe/options.h"
#include "web/display.h"
#include "web/record_json.h"
#include "web/secret.h"

static const char user_help[] =
        "usage: earshot user add NAME --db FILE [--role ROLE] [--pii] [--generate]\n"
        "       earshot user passwd NAME --db FILE [--generate]\n"
        "       earshot user remove NAME --db FILE\n"
        "       earshot user list --db FILE [--json]\n"
        "\n"
        "People who may log in to `earshot serve` and `earshot monitor`; they are kept in\n"
        "FILE.state, as argon2id hashes of their passwords.  A password is asked for, or is\n"
        "the first line of standard input where that is no terminal; 10 characters at least.\n"
        "A new password, and removal, ends the user's sessions.\n"
        "\n"
        "  -d, --db FILE    the database of calls\n"
        "  -R, --role ROLE  viewer (the default), operator or admin\n"
        "  -p, --pii        sees numbers, names and addresses of people, not pseudonyms\n"
        "  -g, --generate   the password is drawn, and shown once\n"
        "  -j, --json       one JSON object a line\n"
        "  -h, --help       this text\n"
        "\n"
        "examples:\n"
        "  earshot user add alice --role operator --db /var/lib/earshot/calls.db\n"
        "  earshot user list --db calls.db\n";

static const char token_help[] =
        "usage: earshot token add NAME --db FILE [--role ROLE] [--pii]\n"
        "       earshot token revoke NAME --db FILE\n"
        "       earshot token list --db FILE [--json]\n"
        "\n"
        "Tokens by which programs ask `earshot serve` and `earshot monitor`, in the field\n"
        "`Authorization: Bearer TOKEN`.  A token is shown once, when it is made; FILE.state\n"
        "has its hash alone.\n"
        "\n"
        "  -d, --db FILE    the database of calls\n"
        "  -R, --role ROLE  viewer (the default), operator or admin\n"
        "  -p, --pii        sees numbers, names and addresses of people, not pseudonyms\n"
        "  -j, --json       one JSON object a line\n"
        "  -h, --help       this text\n"
        "\n"
        "examples:\n"
        "  earshot token add prometheus --db /var/lib/earshot/calls.db\n"
        "  curl -H \"Authorization: Bearer $TOKEN\" https://probe.example/api/v1/calls\n";

struct accounts_command {
	const char *command, *verb, *name, *db;
	bool tokens;
	struct account account;
	bool generate, json;
	struct accounts *accounts; /* owned */
};

static nstime now_of_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

/* --- passwords ------------------------------------------------------------------------ */

static bool read_line(char to[SECRET_PASSWORD_MAX + 2])
{
	if (!fgets(to, SECRET_PASSWORD_MAX + 2, stdin))
		return false;
	to[strcspn(to, "\n")] = '\0';
	return true;
}

static bool ask(const char *prompt, char to[SECRET_PASSWORD_MAX + 2])
{
	struct termios before;
	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return read_line(to);
	struct termios silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	fprintf(stderr, "%s: ", prompt);
	const bool read = read_line(to);
	fputc('\n', stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	return read;
}

static bool ask_password(const struct accounts_command *c, char to[SECRET_PASSWORD_MAX + 2])
{
	char again[SECRET_PASSWORD_MAX + 2];
	if (!ask("password", to)) {
		warnx("%s: no password came", c->command);
		return false;
	}
	const size_t len = strlen(to);
	if (len < SECRET_PASSWORD_MIN || len > SECRET_PASSWORD_MAX) {
		warnx("%s: a password has %d to %d characters", c->command,
		      SECRET_PASSWORD_MIN, SECRET_PASSWORD_MAX);
		return false;
	}
	if (isatty(STDIN_FILENO) && (!ask("once more", again) || strcmp(to, again) != 0)) {
		warnx("%s: these were two different ones", c->command);
		return false;
	}
	return true;
}

/* What is kept; a drawn one is left in `shown`, to be told when it is kept. */
static bool choose_password(const struct accounts_command *c, char shown[SECRET_TEXT],
                            char kept[SECRET_PASSWORD])
{
	char password[SECRET_PASSWORD_MAX + 2] = "";
	shown[0] = '\0';
	if (c->generate) {
		secret_draw_password(shown);
		text_copy(password, sizeof password, text_from(shown));
	} else if (!ask_password(c, password)) {
		return false;
	}
	const bool done = secret_hash_password(text_from(password), kept) == OK;
	explicit_bzero(password, sizeof password);
	if (!done)
		warnx("%s: out of memory", c->command);
	return done;
}

/* --- what is done --------------------------------------------------------------------- */

static enum status note(struct accounts_command *c, const char *action)
{
	struct audit audit = { .at = now_of_clock() };
	if (geteuid() == 0)
		text_copy(audit.who, sizeof audit.who, TEXT("root"));
	else
		snprintf(audit.who, sizeof audit.who, "uid %u", (unsigned int)geteuid());
	text_copy(audit.way, sizeof audit.way, TEXT("command"));
	text_copy(audit.action, sizeof audit.action, text_from(action));
	text_copy(audit.subject, sizeof audit.subject, text_from(c->name));
	return accounts_log(c->accounts, &audit);
}

static int tell(struct accounts_command *c, enum status status, const char *action)
{
	if (status == OK)
		status = note(c, action);
	if (status == OK)
		return EXIT_SUCCESS;
	if (status == ERR_NOT_FOUND)
		warnx("%s: there is no %s '%s'", c->command, c->tokens ? "token" : "user",
		      c->name);
	else
		warnx("%s: %s", c->command, accounts_error(c->accounts));
	return EXIT_FAILURE;
}

static int show(const char *secret, int exit_status)
{
	if (exit_status != EXIT_SUCCESS || !*secret)
		return exit_status;
	puts(secret);
	return options_flush_stdout();
}

static int add_user(struct accounts_command *c)
{
	char shown[SECRET_TEXT];
	char kept[SECRET_PASSWORD];
	if (!choose_password(c, shown, kept))
		return EXIT_FAILURE;
	return show(shown,
	            tell(c,
	                 accounts_add_user(c->accounts, &c->account, kept, now_of_clock()),
	                 "user_added"));
}

static int set_password(struct accounts_command *c)
{
	char shown[SECRET_TEXT];
	char kept[SECRET_PASSWORD];
	if (!choose_password(c, shown, kept))
		return EXIT_FAILURE;
	return show(shown, tell(c,
	                        accounts_set_password(c->accounts, text_from(c->name), kept,
	                                              now_of_clock()),
	                        "password_set"));
}

static int remove_user(struct accounts_command *c)
{
	return tell(c, accounts_remove_user(c->accounts, text_from(c->name)),
	            "user_removed");
}

static int add_token(struct accounts_command *c)
{
	char token[SECRET_TEXT];
	uint8_t hash[SECRET_BYTES];
	secret_draw_token(token);
	secret_hash(text_from(token), hash);
	return show(token,
	            tell(c,
	                 accounts_add_token(c->accounts, &c->account, hash, now_of_clock()),
	                 "token_added"));
}

static int revoke_token(struct accounts_command *c)
{
	return tell(c, accounts_remove_token(c->accounts, text_from(c->name)),
	            "token_revoked");
}

struct listing {
	struct buffer out;
	bool json;
};

static void list_one(void *self, const struct account *account)
{
	struct listing *l = self;
	struct buffer *to = &l->out;
	if (!l->json) {
		buffer_format(to, "%-24s %-8s  %s  ", account->name,
		              role_names[account->role], account->pii ? "pii" : "   ");
		display_time(to, account->created, 3);
		buffer_add_char(to, '\n');
		return;
	}
	buffer_format(to, "{\"name\":\"%s\",\"role\":\"%s\",\"pii\":%s,\"created\":\"",
	              account->name, role_names[account->role],
	              account->pii ? "true" : "false");
	display_time(to, account->created, 6);
	buffer_add_string(to, "\"}\n");
}

static int list(struct accounts_command *c)
{
	struct listing l = { .json = c->json };
	const enum status status = accounts_list(c->accounts, c->tokens, list_one, &l);
	const bool written = buffer_write(&l.out, stdout);
	buffer_free(&l.out);
	if (status != OK)
		warnx("%s: %s", c->command, accounts_error(c->accounts));
	return status == OK && written ? options_flush_stdout() : EXIT_FAILURE;
}

static const struct {
	bool tokens;
	const char *verb;
	int (*run)(struct accounts_command *c);
	bool named;
} verbs[] = {
	{ false, "add", add_user, true },       { false, "passwd", set_password, true },
	{ false, "remove", remove_user, true }, { false, "list", list, false },
	{ true, "add", add_token, true },       { true, "revoke", revoke_token, true },
	{ true, "list", list, false },
};

/* --- the command line ----------------------------------------------------------------- */

static bool take_role(void *into, char *name)
{
	struct accounts_command *c = into;
	c->account.role = role_by_name(text_from(name));
	if (c->account.role == ROLE_NONE)
		warnx("%s: --role: viewer, operator or admin", c->command);
	return c->account.role != ROLE_NONE;
}

/* clang-format off */
#define AT(member) offsetof(struct accounts_command, member)
static const struct option_row option_rows[] = {
	{ "db", 'd', OPTION_WORD, AT(db) },
	{ "role", 'R', OPTION_TAKE, .take = take_role },
	{ "pii", 'p', OPTION_FLAG, AT(account.pii) },
	{ "generate", 'g', OPTION_FLAG, AT(generate) },
	{ "json", 'j', OPTION_FLAG, AT(json) },
	{ "help", 'h', OPTION_HELP },
};
/* clang-format on */

/* The verb's place in the table, and the name; says what is wrong. */
static bool find_verb(struct accounts_command *c, int argc, char **argv, size_t *out)
{
	size_t i = 0;
	c->verb = optind < argc ? argv[optind++] : "";
	while (i < ARRAY_LEN(verbs) &&
	       (verbs[i].tokens != c->tokens || strcmp(verbs[i].verb, c->verb) != 0))
		i++;
	if (i == ARRAY_LEN(verbs)) {
		warnx("%s: what? %s or list", c->command,
		      c->tokens ? "add, revoke" : "add, passwd, remove");
		return false;
	}
	*out = i;
	c->name = verbs[i].named && optind < argc ? argv[optind++] : NULL;
	if (verbs[i].named && !(c->name && account_name_is_good(text_from(c->name))))
		warnx("%s: a name is needed: 1 to %d of a-z, 0-9, '.', '_' and '-'",
		      c->command, ACCOUNT_NAME - 1);
	else if (optind < argc)
		warnx("%s: unexpected '%s'", c->command, argv[optind]);
	else if (!c->db)
		warnx("%s: --db FILE is needed", c->command);
	else
		return true;
	return false;
}

static int run(struct accounts_command *c, size_t verb)
{
	struct db_error error;
	if (!secret_init()) {
		warnx("%s: this system has no random numbers", c->command);
		return EXIT_FAILURE;
	}
	if (accounts_file_open(c->db, &c->accounts, &error) != OK) {
		warnx("%s: %s", c->command, error.text);
		return EXIT_FAILURE;
	}
	if (c->name)
		text_copy(c->account.name, sizeof c->account.name, text_from(c->name));
	const int exit_status = verbs[verb].run(c);
	accounts_close(c->accounts);
	return exit_status;
}

static int command(struct accounts_command *c, const char *help, int argc, char **argv)
{
	size_t verb = 0;
	c->command = argv[0];
	c->account.role = ROLE_VIEWER;
	enum option_outcome outcome =
	        option_table_read(option_rows, ARRAY_LEN(option_rows), argc, argv, c);
	if (outcome == OPTIONS_GOOD && !find_verb(c, argc, argv, &verb))
		outcome = OPTIONS_WRONG;
	if (outcome != OPTIONS_GOOD)
		return option_table_stop(outcome, argv[0], help);
	return run(c, verb);
}

int command_user(int argc, char **argv)
{
	struct accounts_command c = { .tokens = false };
	return command(&c, user_help, argc, argv);
}

int command_token(int argc, char **argv)
{
	struct accounts_command c = { .tokens = true };
	return command(&c, token_help, argc, argv);
}
