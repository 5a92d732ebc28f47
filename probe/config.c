#include "probe/config.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "analyzer/base/hash.h"
#include "analyzer/model/memory_shares.h"
#include "probe/config_table.h"
#include "probe/config_values.h"

/* Far more than 1000 trunks need; an endless file ends here. */
enum { LIMIT_FILE_BYTES = 8 << 20, PATH_SIZE = 128, MAPPING_KEYS = 128 };

/* As much as a probe of a few hundred calls at once makes in that time, and no more. */
static void config_default_store(struct config *config)
{
	config->store.keep_days[RETENTION_CALLS] = 90;
	config->store.keep_days[RETENTION_TIMELINES] = 30;
	config->store.keep_days[RETENTION_MESSAGES] = 14;
	config->store.keep_days[RETENTION_KPIS] = 400;
	config->store.most_mib[RETENTION_CALLS] = 16384;
	config->store.most_mib[RETENTION_TIMELINES] = 8192;
	config->store.most_mib[RETENTION_MESSAGES] = 8192;
	config->store.least_days = 1;
	config->store.spill_mib = 64;
	config->store.free_mib = 512;
	config->store.free_pct = 10;
}

void config_share_memory(struct config *config)
{
	memory_shares(config->settings.memory_cap, &config->own_limits,
	              &config->settings.limits);
}

struct config *config_new(void)
{
	struct config *config = calloc(1, sizeof *config);
	if (!config)
		return NULL;
	config->settings = settings_default();
	config->ndpi = true;
	config_default_store(config);
	config_begin_web_listen(config);
	config->web.listen_count = 1;
	config->capture = capture_config_default();
	number_plan_default(&config->numbers);
	config->settings.numbers = &config->numbers;
	config_begin_trunk(config);
	config_begin_rule(config);
	config_begin_receiver(config);
	config->notify.enterprise = DOCUMENTATION_ENTERPRISE;
	rule_list_default(&config->alerts.shipped);
	config->rules = config->alerts.shipped;
	return config;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	trunks_free(config->trunks);
	free(config);
}

/* --- events --------------------------------------------------------------------------- */

struct reader_state {
	const char *path;
	FILE *file;
	size_t bytes; /* read */
	struct config *config;
	struct config_error *error;
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event;
	uint64_t digest;
};

static size_t line_of(const struct reader_state *r)
{
	return r->event.start_mark.line + 1;
}

__attribute__((format(printf, 4, 5))) static enum status fail(struct reader_state *r,
                                                              size_t line, const char *key,
                                                              const char *format, ...)
{
	char reason[sizeof r->error->text];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	/* It goes to a terminal, and repeats what stands in the file. */
	for (char *c = reason; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	struct buffer text = { 0 };
	buffer_format(&text, "%s:", r->path);
	if (line)
		buffer_format(&text, "%zu:", line);
	buffer_format(&text, " %s%s%s", key, *key ? ": " : "", reason);
	text_copy(r->error->text, sizeof r->error->text, buffer_text(&text));
	buffer_free(&text);
	return ERR_MALFORMED;
}

static int read_bytes(void *data, unsigned char *to, size_t size, size_t *got)
{
	struct reader_state *r = data;
	*got = fread(to, 1, size, r->file);
	r->bytes += *got;
	return !ferror(r->file) && r->bytes <= LIMIT_FILE_BYTES;
}

static enum status parser_failed(struct reader_state *r)
{
	const yaml_parser_t *p = &r->parser;
	if (ferror(r->file)) {
		fail(r, 0, "", "%s", strerror(errno));
		return ERR_IO;
	}
	if (p->error == YAML_MEMORY_ERROR)
		return ERR_NOMEM;
	if (r->bytes > LIMIT_FILE_BYTES)
		return fail(r, 0, "", "longer than %d bytes", LIMIT_FILE_BYTES);
	return fail(r, p->problem_mark.line + 1, "", "%s",
	            p->problem ? p->problem : "no YAML");
}

/* Whatever the layout: what it is and what it says. */
static void add_to_digest(struct reader_state *r)
{
	const bool scalar = r->event.type == YAML_SCALAR_EVENT;
	const struct hash_key key = { r->digest, (uint64_t)r->event.type };
	r->digest = hash_bytes(&key, scalar ? (const char *)r->event.data.scalar.value : "",
	                       scalar ? r->event.data.scalar.length : 0);
}

/* The next event, into r->event. */
static enum status next(struct reader_state *r)
{
	if (r->has_event)
		yaml_event_delete(&r->event);
	r->has_event = false;
	if (!yaml_parser_parse(&r->parser, &r->event))
		return parser_failed(r);
	r->has_event = true;
	if (r->event.type == YAML_ALIAS_EVENT)
		return fail(r, line_of(r), "", "aliases are not read here");
	add_to_digest(r);
	return OK;
}

static bool is_null(const yaml_event_t *event)
{
	if (event->type != YAML_SCALAR_EVENT ||
	    event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	const char *value = (const char *)event->data.scalar.value;
	return !*value || strcmp(value, "~") == 0 || strcmp(value, "null") == 0;
}

/* --- keys ----------------------------------------------------------------------------- */

static enum status wrong_kind(struct reader_state *r, const struct config_key *key)
{
	struct buffer allowed = { 0 };
	config_add_allowed(key, &allowed);
	const enum status status = fail(r, line_of(r), key->path, "has to be %.*s",
	                                (int)allowed.len, allowed.at ? allowed.at : "");
	buffer_free(&allowed);
	return status;
}

static enum status unknown_key(struct reader_state *r, const char *prefix, const char *name)
{
	struct buffer known = { 0 };
	const struct config_key *key;
	for (size_t i = 0; (key = config_key_at(i)); i++) {
		if (!text_equal(config_key_parent(key), text_from(prefix)))
			continue;
		buffer_add_string(&known, known.len ? ", " : "");
		buffer_add(&known, config_key_name(key));
	}
	const enum status status =
	        fail(r, line_of(r), "", "there is no key '%s%s'; here may be: %.*s", prefix,
	             name, (int)known.len, known.at ? known.at : "");
	buffer_free(&known);
	return status;
}

/* The scalar in r->event. */
static enum status take_scalar(struct reader_state *r, const struct config_key *key)
{
	struct option_error why;
	const yaml_event_t *event = &r->event;
	if (event->type != YAML_SCALAR_EVENT)
		return wrong_kind(r, key);
	const char *value = (const char *)event->data.scalar.value;
	if (strlen(value) != event->data.scalar.length)
		return fail(r, line_of(r), key->path, "has a NUL in it");
	if (config_take(key, r->config, value, &why))
		return OK;
	return fail(r, line_of(r), key->path, "%s", why.text);
}

/* [a, b], or a alone. */
static enum status take_list(struct reader_state *r, const struct config_key *key)
{
	key->begin(r->config);
	if (r->event.type != YAML_SEQUENCE_START_EVENT)
		return take_scalar(r, key);
	enum status status;
	while ((status = next(r)) == OK && r->event.type != YAML_SEQUENCE_END_EVENT)
		if ((status = take_scalar(r, key)) != OK)
			return status;
	return status;
}

static enum status read_mapping(struct reader_state *r, const char *prefix);

static enum status take_objects(struct reader_state *r, const struct config_key *key)
{
	char prefix[PATH_SIZE];
	struct option_error why;
	enum status status;
	if (r->event.type != YAML_SEQUENCE_START_EVENT)
		return wrong_kind(r, key);
	snprintf(prefix, sizeof prefix, "%s[].", key->path);
	while ((status = next(r)) == OK && r->event.type != YAML_SEQUENCE_END_EVENT) {
		const size_t line = line_of(r);
		if (r->event.type != YAML_MAPPING_START_EVENT)
			return wrong_kind(r, key);
		key->begin(r->config);
		if ((status = read_mapping(r, prefix)) != OK)
			return status;
		if (!key->end(r->config, &why))
			return fail(r, line, key->path, "%s", why.text);
	}
	return status;
}

static enum status take_section(struct reader_state *r, const struct config_key *key)
{
	char prefix[PATH_SIZE];
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return wrong_kind(r, key);
	snprintf(prefix, sizeof prefix, "%s.", key->path);
	return read_mapping(r, prefix);
}

/* The value of that key begins with r->event; a key with nothing keeps its default. */
static enum status take_value(struct reader_state *r, const struct config_key *key)
{
	if (is_null(&r->event))
		return OK;
	if (key->type == CONFIG_SECTION)
		return take_section(r, key);
	if (key->type == CONFIG_OBJECTS)
		return take_objects(r, key);
	return key->list ? take_list(r, key) : take_scalar(r, key);
}

/* Of one mapping. */
struct seen_keys {
	const struct config_key *keys[MAPPING_KEYS];
	size_t count;
};

/* The key that r->event names, not seen before in this mapping; NULL: has said why not. */
static const struct config_key *find_key(struct reader_state *r, const char *prefix,
                                         struct seen_keys *seen)
{
	char path[PATH_SIZE];
	if (r->event.type != YAML_SCALAR_EVENT) {
		fail(r, line_of(r), prefix, "a key has to be a word");
		return NULL;
	}
	const char *name = (const char *)r->event.data.scalar.value;
	const int len = snprintf(path, sizeof path, "%s%s", prefix, name);
	const struct config_key *key =
	        len < (int)sizeof path ? config_key_find(text_from(path)) : NULL;
	if (!key || strpbrk(name, ".[]")) {
		unknown_key(r, prefix, name);
		return NULL;
	}
	for (size_t i = 0; i < seen->count; i++)
		if (seen->keys[i] == key) {
			fail(r, line_of(r), path, "stands here twice");
			return NULL;
		}
	assert(seen->count < ARRAY_LEN(seen->keys));
	return seen->keys[seen->count++] = key;
}

/* From behind its beginning to its end. */
static enum status read_mapping(struct reader_state *r, const char *prefix)
{
	struct seen_keys seen = { .count = 0 };
	enum status status;
	while ((status = next(r)) == OK && r->event.type != YAML_MAPPING_END_EVENT) {
		const struct config_key *key = find_key(r, prefix, &seen);
		if (!key)
			return ERR_MALFORMED;
		if ((status = next(r)) != OK || (status = take_value(r, key)) != OK)
			return status;
	}
	return status;
}

/* --- the file ------------------------------------------------------------------------- */

static enum status read_document(struct reader_state *r)
{
	enum status status = next(r);
	if (status != OK || r->event.type == YAML_STREAM_END_EVENT)
		return status; /* nothing, or comments alone */
	if ((status = next(r)) != OK)
		return status;
	if (r->event.type == YAML_MAPPING_START_EVENT)
		status = read_mapping(r, "");
	else if (!is_null(&r->event))
		status = fail(r, line_of(r), "", "has to be a mapping of keys");
	if (status == OK && (status = next(r)) == OK && (status = next(r)) == OK &&
	    r->event.type != YAML_STREAM_END_EVENT)
		status = fail(r, line_of(r), "", "a second document");
	return status;
}

static enum status read_file(struct reader_state *r)
{
	struct option_error why;
	if (!yaml_parser_initialize(&r->parser))
		return ERR_NOMEM;
	yaml_parser_set_input(&r->parser, read_bytes, r);
	enum status status = next(r); /* the stream begins */
	if (status == OK)
		status = read_document(r);
	if (status == OK &&
	    !(config_seal_trunks(r->config, &why) && config_seal_rules(r->config, &why)))
		status = fail(r, 0, "", "%s", why.text);
	if (status == OK && !config_enter_points(r->config, &why))
		status = fail(r, 0, "", "%s", why.text);
	if (status == OK) {
		config_set_local_time(r->config);
		config_share_memory(r->config);
	}
	r->config->digest = r->digest;
	if (r->has_event)
		yaml_event_delete(&r->event);
	yaml_parser_delete(&r->parser);
	return status;
}

enum status config_read(struct config *config, FILE *file, const char *name,
                        struct config_error *error)
{
	struct reader_state r = {
		.path = name, .config = config, .error = error, .file = file
	};
	const enum status status = read_file(&r);
	if (status == ERR_NOMEM)
		snprintf(error->text, sizeof error->text, "%s: memory ran out", name);
	return status;
}

enum status config_load(struct config *config, const char *path, struct config_error *error)
{
	if (strcmp(path, "-") == 0)
		return config_read(config, stdin, "standard input", error);
	FILE *file = fopen(path, "re");
	if (!file) {
		snprintf(error->text, sizeof error->text, "%s: %s", path, strerror(errno));
		return ERR_IO;
	}
	const enum status status = config_read(config, file, path, error);
	fclose(file);
	return status;
}
