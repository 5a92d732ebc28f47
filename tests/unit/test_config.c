/* test_config.c - the table of keys is whole, and the example it prints is what it says. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/config_table.h"

static void write_file(char path[32], struct text content)
{
	memcpy(path, "/tmp/earshot-config-XXXXXX", 27);
	const int file = mkstemp(path);
	assert_true(file >= 0);
	assert_int_equal(write(file, content.at, content.len), content.len);
	close(file);
}

static enum status load(struct config *config, struct text content,
                        struct config_error *error)
{
	char path[32];
	write_file(path, content);
	const enum status status = config_load(config, path, error);
	unlink(path);
	return status;
}

static void every_row_is_whole(void **state)
{
	(void)state;
	const struct config_key *key;
	for (size_t i = 0; (key = config_key_at(i)); i++) {
		print_message("%s\n", key->path);
		assert_ptr_equal(config_key_find(text_from(key->path)), key);
		assert_non_null(key->doc);
		assert_int_equal(key->doc[strlen(key->doc) - 1], '.');
		const bool leaf =
		        key->type != CONFIG_SECTION && key->type != CONFIG_OBJECTS;
		if (leaf && key->type != CONFIG_CUSTOM)
			assert_int_not_equal(key->size, 0);
		if (key->type == CONFIG_CUSTOM)
			assert_true(key->take && key->allowed);
		if (key->list || key->type == CONFIG_OBJECTS)
			assert_non_null(key->begin);
		/* Its parent stands above it. */
		struct text parent = config_key_parent(key);
		if (parent.len == 0)
			continue;
		parent.len--;
		if (parent.at[parent.len - 1] == ']')
			parent.len -= 2;
		const struct config_key *above = config_key_find(parent);
		assert_non_null(above);
		assert_true(above < key);
	}
}

/* What all keys outside lists hold, as text. */
static void add_values(const struct config *config, struct buffer *out)
{
	const struct config_key *key;
	for (size_t i = 0; (key = config_key_at(i)); i++) {
		if (strchr(key->path, '['))
			continue;
		buffer_format(out, "%s=", key->path);
		config_add_value(key, config, out);
		buffer_add_char(out, '\n');
	}
}

static void the_example_says_the_defaults(void **state)
{
	(void)state;
	struct config *defaults = config_new(), *loaded = config_new();
	struct buffer example = { 0 }, expected = { 0 }, got = { 0 };
	struct config_error error;
	config_print_example(&example, false);
	assert_int_equal(load(loaded, buffer_text(&example), &error), OK);
	add_values(defaults, &expected);
	add_values(loaded, &got);
	assert_true(text_equal(buffer_text(&expected), buffer_text(&got)));
	assert_int_equal(trunks_count(loaded->trunks), 0);
	buffer_free(&example);
	buffer_free(&expected);
	buffer_free(&got);
	config_free(defaults);
	config_free(loaded);
}

/* With all that is in comments: every key of the table is read. */
static void the_example_is_good_with_nothing_in_comments(void **state)
{
	(void)state;
	struct config *config = config_new();
	struct buffer example = { 0 };
	struct config_error error = { "" };
	config_print_example(&example, true);
	const struct config_key *key;
	for (size_t i = 0; (key = config_key_at(i)); i++) {
		const struct text name = config_key_name(key);
		assert_true(text_find_text(buffer_text(&example), name) < example.len);
	}
	const enum status status = load(config, buffer_text(&example), &error);
	print_message("%s\n", error.text);
	assert_int_equal(status, OK);
	assert_int_equal(trunks_count(config->settings.trunks), 1);
	const struct trunk *trunk = trunks_at(config->trunks, 0);
	assert_string_equal(trunk->name, "carrier-a");
	assert_int_equal(trunk->role, TRUNK_CARRIER);
	assert_int_equal(trunk->redundancy, TRUNK_PRIMARY);
	assert_int_equal(trunk->channels, 120);
	assert_int_equal(trunk->codec_count, 2);
	assert_int_equal(trunk->codecs[1], CODEC_G722);
	assert_int_equal(trunk->dscp, 46);
	assert_int_equal(trunk->dscp_signalling, 24);
	assert_int_equal(trunk->transports, 1u << TRANSPORT_UDP | 1u << TRANSPORT_TLS);
	assert_string_equal(config->time_zone, "Europe/Berlin");
	assert_string_equal(config->settings.numbers->country_code, "44");
	assert_string_equal(config->numbers.prefixes[0].digits, "447");
	assert_int_equal(config->numbers.premium_count, 2);
	assert_int_equal(config->settings.override_count, 1);
	assert_int_equal(config->settings.rtp_map[97].codec, CODEC_OPUS);
	buffer_free(&example);
	config_free(config);
}

static const struct {
	const char *yaml, *error; /* behind the name of the file */
} wrong[] = {
	{ "rtp: {}", ":1: there is no key 'rtp'; here may be: sensor, capture, " },
	{ "sip:\n  port: 5060", ":2: there is no key 'sip.port'; here may be: ports" },
	{ "sip:\n  ports: [5060,\n    65536]",
	  ":3: sip.ports: '65536' is no port of 1 to 65535" },
	{ "sip:\n  ports: {a: b}",
	  ":2: sip.ports: has to be a list of port numbers of 1 to 65535, at most 16" },
	{ "sip: 5060", ":1: sip: has to be a mapping of keys" },
	{ "- sip", ":1: has to be a mapping of keys" },
	{ "media:\n  interval_s: 61",
	  ":2: media.interval_s: '61' is not a number of 1 to 60" },
	{ "media:\n  interval_s: fast",
	  ":2: media.interval_s: 'fast' is not a number of 1 to 60" },
	{ "media:\n  no_plc: yes", ":2: media.no_plc: 'yes' is not true or false" },
	{ "media:\n  jitter_buffers: 200,50,20-500",
	  ":2: media.jitter_buffers: '200,50,20-500' is not FIXED,FIXED,LEAST-MOST, both "
	  "rising, in ms of 1 to 10000, such as 50,200,20-500" },
	{ "trunks:\n  - name: a\n    addresses: 192.0.2.1\n    role: carier",
	  ":4: trunks[].role: 'carier' is not one of carrier, pop, sbc, pbx, phones" },
	{ "trunks:\n  - name: a\n    channels: 0",
	  ":3: trunks[].channels: '0' is not a whole number of 1 to 1000000" },
	{ "trunks:\n  - name: a", ":2: trunks: 'a' needs addresses" },
	{ "trunks:\n  - addresses: 192.0.2.1", ":2: trunks: needs a name" },
	{ "trunks:\n  - name: a\n    addresses: [192.0.2.1]\n  - name: a\n    addresses: "
	  "192.0.2.2",
	  ":4: trunks: there is a trunk 'a' already" },
	{ "trunks:\n  - name: a\n    addresses: 192.0.2.1\n    redundancy: backup",
	  ":2: trunks: 'a' is backup of no group" },
	{ "trunks:\n  - {name: a, media: 192.0.2.1}\n  - {name: b, media: 192.0.2.1}",
	  ": trunks 'a' and 'b' both have 192.0.2.1/32" },
	{ "trunks: a", ":1: trunks: has to be a list of mappings" },
	{ "trunks:\n  - name: a\n    name: b", ":3: trunks[].name: stands here twice" },
	{ "trunks:\n  - dscp: 64",
	  ":2: trunks[].dscp: '64' is not a whole number of 0 to 63" },
	{ "trunks:\n  - codecs: [PCMU, MP3]",
	  ":2: trunks[].codecs: 'MP3' is no audio codec we know" },
	{ "trunks[].name: a",
	  ":1: there is no key 'trunks[].name'; here may be: sensor, capture, " },
	{ "numbers:\n  prefixes:\n    - prefix: 447",
	  ":3: numbers.prefixes: needs a prefix and a label" },
	{ "numbers:\n  country_code: DE",
	  ":2: numbers.country_code: 'DE' is not 1 to 7 digits" },
	{ "correlation: {headers: [X CID]}",
	  ":1: correlation.headers: 'X CID' is no name of a header" },
	{ "sensor: &x\n  id: a\nsip: *x", ":3: aliases are not read here" },
	{ "sensor: {id: a}\n---\nsensor: {id: b}", ":2: a second document" },
	{ "sensor: {id: \"a\\u0001b\"}",
	  ":1: sensor.id: 'a?b' is not text of 1 to 63 characters" },
	{ "sensor: {id: \"a\\0b\"}", ":1: sensor.id: has a NUL in it" },
	{ "sensor: {time_zone: Europe}",
	  ":1: sensor.time_zone: there is no time zone 'Europe'" },
	{ "sensor: {time_zone: ../../../etc/passwd}",
	  ":1: sensor.time_zone: '../../../etc/passwd' is no name of a time zone" },
	{ "sip:\n  - [", ":2: sip: has to be a mapping of keys" },
	{ "sensor:\n  id: [", ":2: sensor.id: has to be text of 1 to 63 characters" },
	{ "sensor: {id: \"a", ":1: found unexpected end of stream" },
};

static void errors_name_line_key_and_what_is_allowed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct config *config = config_new();
		struct config_error error = { "" };
		print_message("%s\n", wrong[i].yaml);
		assert_int_equal(load(config, text_from(wrong[i].yaml), &error),
		                 ERR_MALFORMED);
		const char *behind = strchr(error.text, ':');
		assert_non_null(behind);
		const size_t len = strlen(wrong[i].error);
		assert_true(len > 0);
		if (wrong[i].error[len - 1] == ' ') /* and all the other sections */
			assert_memory_equal(behind, wrong[i].error, len);
		else
			assert_string_equal(behind, wrong[i].error);
		config_free(config);
	}
}

static uint64_t digest_of(const char *yaml)
{
	struct config *config = config_new();
	struct config_error error;
	assert_int_equal(load(config, text_from(yaml), &error), OK);
	const uint64_t digest = config->digest;
	config_free(config);
	return digest;
}

static void layout_is_not_in_the_digest(void **state)
{
	(void)state;
	const uint64_t digest = digest_of("sensor: {id: a, site: b}");
	assert_int_equal(digest, digest_of("# here\nsensor:\n  id: a\n  site: b\n"));
	assert_int_not_equal(digest, digest_of("sensor: {id: a, site: c}"));
	assert_int_not_equal(digest, digest_of("sensor: {id: ab}"));
	assert_int_not_equal(digest, 0);
}

static void nothing_said_is_the_default(void **state)
{
	(void)state;
	static const char *const files[] = { "", "# nothing\n", "~", "sip:\nmedia: ~\n",
		                             "sip:\n  ports:\n" };
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct config *config = config_new();
		struct config_error error;
		assert_int_equal(load(config, text_from(files[i]), &error), OK);
		assert_int_equal(config->settings.sip_ports[0], 5060);
		assert_null(config->settings.trunks);
		config_free(config);
	}
}

/* What the sections say reaches the analyzer. */
static void bounds_and_time_zone_reach_the_settings(void **state)
{
	(void)state;
	struct config *config = config_new();
	struct config_error error;
	assert_int_equal(config->settings.thresholds[THRESHOLD_GUESSES], 30);
	assert_null(config->settings.local_time);
	assert_int_equal(load(config,
	                      TEXT("security:\n  guesses: 7\n"
	                           "sensor:\n  time_zone: Europe/Berlin\n"),
	                      &error),
	                 OK);
	assert_int_equal(config->settings.thresholds[THRESHOLD_GUESSES], 7);
	assert_int_equal(config->settings.thresholds[THRESHOLD_GUESS_SHARE], 50);
	assert_non_null(config->settings.local_time);
	/* 2026-06-19 12:00 UTC, a Friday in summer. */
	const struct local_hour hour =
	        local_hour_at(config->settings.local_time, 1781870400 * NS_PER_SEC);
	assert_int_equal(hour.weekday, 4);
	assert_int_equal(hour.hour, 14);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(the_example_says_the_defaults),
		cmocka_unit_test(the_example_is_good_with_nothing_in_comments),
		cmocka_unit_test(errors_name_line_key_and_what_is_allowed),
		cmocka_unit_test(layout_is_not_in_the_digest),
		cmocka_unit_test(nothing_said_is_the_default),
		cmocka_unit_test(bounds_and_time_zone_reach_the_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
