/* config_print.c - the table of keys as a commented file, and as a page to read. */
#include "probe/config_table.h"

enum { WIDTH = 88 };

/* --- the example ---------------------------------------------------------------------- */

struct example {
	struct buffer *out;
	const struct config *defaults;
	bool active; /* entries of lists are there */
	bool first;  /* of the keys of an entry */
};

/* Is it, or is it in, a list of entries? */
static bool in_entries(const struct config_key *key)
{
	const struct text path = text_from(key->path);
	return key->type == CONFIG_OBJECTS || text_find(path, '[') < path.len;
}

/* Two blanks a level; the entries of a list have their dash in two more. */
static size_t indent_of(const struct config_key *key)
{
	const struct text path = text_from(key->path);
	return 2 * config_key_depth(key) + (text_find(path, '[') < path.len ? 2 : 0);
}

/* Of a key, or of the words above it: those above a list say what it is for. */
static void add_margin(const struct example *e, const struct config_key *key, bool words)
{
	if (in_entries(key) && !e->active && !(words && key->type == CONFIG_OBJECTS))
		buffer_add_char(e->out, '#');
	buffer_add_blanks(e->out, indent_of(key));
}

static void add_comment(const struct example *e, const struct config_key *key,
                        struct text words)
{
	size_t column = 0; /* no line begun */
	while (words.len) {
		const struct text word = text_cut_word(&words);
		if (word.len == 0)
			break;
		if (column == 0 || column + 1 + word.len > WIDTH) {
			buffer_add_string(e->out, column ? "\n" : "");
			add_margin(e, key, true);
			buffer_add_char(e->out, '#');
			column = indent_of(key) + 2;
		}
		buffer_add_char(e->out, ' ');
		buffer_add(e->out, word);
		column += 1 + word.len;
	}
	buffer_add_char(e->out, '\n');
}

static void add_doc(const struct example *e, const struct config_key *key)
{
	struct buffer words = { 0 };
	buffer_add_string(&words, key->doc);
	if (key->type != CONFIG_SECTION && key->type != CONFIG_OBJECTS) {
		buffer_add_string(&words, " (");
		config_add_allowed(key, &words);
		buffer_add_string(&words, ")");
	}
	add_comment(e, key, buffer_text(&words));
	buffer_free(&words);
}

/* A key of an entry is an example, a default where it has no other. */
static bool add_value(const struct example *e, const struct config_key *key,
                      struct buffer *value)
{
	if (!in_entries(key) || !key->example)
		config_add_value(key, e->defaults, value);
	const bool has_default = value->len > 0;
	if (!has_default && key->example)
		buffer_add_string(value, key->example);
	return has_default;
}

static void add_key(struct example *e, const struct config_key *key)
{
	struct buffer value = { 0 };
	const bool has_default = add_value(e, key, &value);
	const bool plain = !in_entries(key);
	add_doc(e, key);
	if (plain) {
		buffer_add_blanks(e->out, indent_of(key));
		buffer_add_string(e->out, has_default || e->active ? "" : "#");
	} else {
		buffer_add_string(e->out, e->active ? "" : "#");
		buffer_add_blanks(e->out, indent_of(key) - 2);
		buffer_add_string(e->out, e->first ? "- " : "  ");
	}
	buffer_add(e->out, config_key_name(key));
	buffer_add_string(e->out, ": ");
	buffer_add(e->out, buffer_text(&value));
	buffer_add_char(e->out, '\n');
	e->first = false;
	buffer_free(&value);
}

static void add_head(struct example *e, const struct config_key *key)
{
	buffer_add_char(e->out, '\n');
	add_doc(e, key);
	add_margin(e, key, false);
	buffer_add(e->out, config_key_name(key));
	buffer_add_string(e->out, ":\n");
	e->first = key->type == CONFIG_OBJECTS;
}

void config_print_example(struct buffer *out, bool active)
{
	struct config *defaults = config_new();
	if (!defaults) {
		out->failed = true;
		return;
	}
	struct example e = { .out = out, .defaults = defaults, .active = active };
	buffer_add_string(
	        out,
	        "# Configuration of earshot(1).  Every key may be left out; what stands here "
	        "is the\n"
	        "# default, or an example where a # is before it.  Written from the table "
	        "of keys by\n"
	        "# `earshot config example`; check yours with `earshot config check "
	        "FILE`.\n");
	const struct config_key *key;
	for (size_t i = 0; (key = config_key_at(i)); i++) {
		if (key->type == CONFIG_SECTION || key->type == CONFIG_OBJECTS)
			add_head(&e, key);
		else
			add_key(&e, key);
	}
	config_free(defaults);
}

/* --- the reference -------------------------------------------------------------------- */

/* A bar would end the cell. */
static void add_cell(struct buffer *out, struct text text, const char *quote)
{
	buffer_add_string(out, text.len ? quote : "");
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '|')
			buffer_add_char(out, '\\');
		buffer_add_char(out, text.at[i]);
	}
	buffer_add_string(out, text.len ? quote : "");
	buffer_add_string(out, " | ");
}

/* Of a key of an entry, the list says it. */
static bool at_start(const struct config_key *key)
{
	const struct text path = text_from(key->path);
	const size_t end = text_find(path, '[');
	const struct config_key *list =
	        end < path.len ? config_key_find(text_head(path, end)) : NULL;
	return key->restart || (list && list->restart);
}

static void add_row(struct buffer *out, const struct config_key *key,
                    const struct config *defaults)
{
	struct buffer allowed = { 0 }, value = { 0 };
	config_add_allowed(key, &allowed);
	config_add_value(key, defaults, &value);
	buffer_add_string(out, "| ");
	add_cell(out, text_from(key->path), "`");
	add_cell(out, buffer_text(&allowed), "");
	add_cell(out, buffer_text(&value), "`");
	buffer_add_string(out, at_start(key) ? "start | " : "reload | ");
	buffer_add_string(out, key->doc);
	buffer_add_string(out, " |\n");
	buffer_free(&allowed);
	buffer_free(&value);
}

static void add_chapter(struct buffer *out, const struct config_key *key)
{
	buffer_format(out, "\n## %s\n\n%s\n\n", key->path, key->doc);
	buffer_add_string(out,
	                  "| key | what it may be | default | taken at | what it says |\n"
	                  "| --- | --- | --- | --- | --- |\n");
}

void config_print_reference(struct buffer *out)
{
	struct config *defaults = config_new();
	if (!defaults) {
		out->failed = true;
		return;
	}
	buffer_add_string(
	        out,
	        "# Configuration\n\n"
	        "One YAML file, given with `--config`.  Every key may be left out.  "
	        "`packaging/earshot.yaml`\n"
	        "is the same as a commented file; `earshot config check FILE` reads one and "
	        "says what it may\n"
	        "not say.  Options of the command line go before the file.  Aliases and "
	        "several documents are\n"
	        "not read.  A probe that runs reads the file again on SIGHUP: what is taken "
	        "at a reload counts\n"
	        "from then on, and no call is lost by it; of other changes the log and "
	        "`earshot status` say that\n"
	        "they need a restart.  This page is written by `earshot config reference`.\n");
	const struct config_key *key;
	for (size_t i = 0; (key = config_key_at(i)); i++) {
		if (config_key_depth(key) == 0)
			add_chapter(out, key);
		else
			add_row(out, key, defaults);
	}
	config_free(defaults);
}
