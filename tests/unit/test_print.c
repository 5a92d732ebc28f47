#include "probe/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>

#include "tests/unit/records.h"

/* What a printer wrote. */
struct output {
	struct printer *printer;
	FILE *file;
	char *text;
	size_t len;
};

static struct output begin(struct print_options options)
{
	struct output output = { 0 };
	output.file = tmpfile();
	assert_non_null(output.file);
	options.out = output.file;
	assert_int_equal(printer_new(&options, &output.printer), OK);
	return output;
}

static void end(struct output *output)
{
	assert_true(printer_finish(output->printer));
	printer_free(output->printer);
	output->len = (size_t)ftell(output->file);
	output->text = calloc(1, output->len + 1);
	rewind(output->file);
	assert_int_equal(fread(output->text, 1, output->len, output->file), output->len);
	fclose(output->file);
}

static json_t *parse_line(const char *line)
{
	json_error_t error;
	json_t *json =
	        json_loads(line, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
	if (!json)
		fail_msg("%s: %s", error.text, line);
	return json;
}

static json_t *json_of(const struct record *record)
{
	struct output output = begin((struct print_options){
	        .mode = PRINT_JSON, .messages = true, .kpis = true });
	printer_record(output.printer, record);
	end(&output);
	json_t *json = parse_line(output.text);
	assert_memory_equal(output.text, "{\"kind\":", 8);
	assert_ptr_equal(strchr(output.text, '\n'), output.text + output.len - 1);
	free(output.text);
	return json;
}

static const char *string_at(const json_t *json, const char *name)
{
	const char *string = json_string_value(json_object_get(json, name));
	assert_non_null(string);
	return string;
}

static void every_field_is_a_member_of_its_name(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		struct record record;
		const struct field_table table = record_fields(kind);
		records_fill(&record, kind, "text");
		json_t *json = json_of(&record);
		for (size_t i = 0; i < table.count; i++) {
			const json_t *value = json_object_get(json, table.fields[i].name);
			if (!value || json_is_null(value))
				fail_msg("%s.%s", record_kind_names[kind],
				         table.fields[i].name);
		}
		json_decref(json);
	}
}

static void values_look_as_the_contract_says(void **state)
{
	struct record record;
	(void)state;
	records_fill(&record, RECORD_STREAM, "network");
	json_t *json = json_of(&record);
	assert_string_equal(string_at(json, "kind"), "stream");
	assert_string_equal(string_at(json, "id"), "fedcba9876543210");
	assert_string_equal(string_at(json, "ssrc"), "0x0badcafe");
	assert_string_equal(string_at(json, "src"), "[2001:db8::1]:5065");
	assert_string_equal(string_at(json, "dst"), "198.18.0.1:5066");
	assert_string_equal(string_at(json, "codec"), "G722");
	assert_string_equal(string_at(json, "band"), "fb");
	assert_string_equal(string_at(json, "first"), "2024-02-29T12:34:56.789050Z");
	assert_true(json_is_true(json_object_get(json, "encrypted")));
	assert_int_equal(json_array_size(json_object_get(json, "flags")),
	                 STREAM_FLAG_COUNT);
	assert_int_equal(json_array_size(json_object_get(json, "legs")), RECORD_MAX_LEGS);
	const json_t *types = json_object_get(json, "payload_types");
	assert_int_equal(json_integer_value(json_object_get(types, "8")), 4711);
	assert_int_equal(json_integer_value(json_object_get(types, "101")), 12);
	assert_true(json_real_value(json_object_get(json, "loss_pct")) ==
	            record.stream.loss_pct);
	json_decref(json);
}

/* Counts, lists and yes/no are always known; everything else is null. */
static void what_is_not_known_is_null(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		struct record record;
		const struct field_table table = record_fields(kind);
		record_clear(&record, kind);
		json_t *json = json_of(&record);
		for (size_t i = 0; i < table.count; i++) {
			const enum field_type type = table.fields[i].type;
			const bool known = type == FIELD_COUNT || type == FIELD_FLAG ||
			                   type == FIELD_FLAGS || type == FIELD_IDS ||
			                   type == FIELD_CODECS ||
			                   type == FIELD_PAYLOAD_TYPES ||
			                   type == FIELD_BUFFERS ||
			                   type == FIELD_HISTOGRAM || type == FIELD_SSRC;
			const json_t *value = json_object_get(json, table.fields[i].name);
			if (json_is_null(value) == known)
				fail_msg("%s.%s", record_kind_names[kind],
				         table.fields[i].name);
		}
		json_decref(json);
	}
}

static void messages_are_printed_when_asked_for(void **state)
{
	struct record record;
	(void)state;
	records_fill(&record, RECORD_MESSAGE, "text");
	record.tail = text_bytes(TEXT("INVITE sip:b SIP/2.0\r\n\xff"));
	json_t *json = json_of(&record);
	assert_string_equal(string_at(json, "raw"), "INVITE sip:b SIP/2.0\r\n\xef\xbf\xbd");
	json_decref(json);
	struct output output = begin((struct print_options){ .mode = PRINT_JSON });
	printer_record(output.printer, &record);
	end(&output);
	assert_int_equal(output.len, 0);
	free(output.text);
}

static void csv_has_one_kind_under_its_names(void **state)
{
	struct record record;
	struct output output = begin((struct print_options){
	        .mode = PRINT_CSV, .csv_kind = RECORD_REGISTRATION });
	(void)state;
	records_fill(&record, RECORD_REGISTRATION, "=1+\"x\"");
	printer_record(output.printer, &record);
	records_fill(&record, RECORD_LEG, "text");
	printer_record(output.printer, &record);
	record_clear(&record, RECORD_REGISTRATION);
	printer_record(output.printer, &record);
	end(&output);
	assert_string_equal(
	        output.text,
	        "\"id\",\"aor\",\"contact\",\"src\",\"registrar\",\"at\",\"status\",\"expires_s\","
	        "\"sip_call_id\",\"transport\",\"authenticated\",\"purpose\",\"rrd_ms\","
	        "\"auth_rounds\",\"retransmissions\",\"src_before\",\"nat\",\"via\","
	        "\"user_agent\",\"binding\"\n"
	        "\"fedcba9876543210\",\"'=1+\"\"x\"\"\",\"'=1+\"\"x\"\"\",\"[2001:db8::1]:5063\","
	        "\"198.18.0.1:5064\",\"2024-02-29T12:34:56.789Z\",\"106\",\"1.143\","
	        "\"'=1+\"\"x\"\"\",\"icmp\",\"true\",\"fetch\",\"1.857\",\"113\",\"114\","
	        "\"[2001:db8::1]:5075\",\"true\",\"'=1+\"\"x\"\"\",\"'=1+\"\"x\"\"\","
	        "\"fedcba9876543223\"\n"
	        "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"false\",\"\",\"\",\"0\",\"0\","
	        "\"\",\"false\",\"\",\"\",\"\"\n");
	free(output.text);
}

static struct record leg_of(uint64_t call, uint64_t id, nstime start)
{
	static const uint8_t ip[4] = { 198, 18, 0, 1 };
	struct record record;
	record_clear(&record, RECORD_LEG);
	record.leg.id = id;
	record.leg.call = call;
	record.leg.start = start;
	record.leg.src = (struct endpoint){ address_ipv4(ip), 5060 };
	record.leg.dst = (struct endpoint){ address_ipv4(ip), 5070 };
	record.leg.status = 486;
	record.leg.state = LEG_FAILED;
	record.leg.transport = TRANSPORT_UDP;
	record.leg.pdd_ms = 119.6;
	strcpy(record.leg.sip_call_id, "abc\x1b[2J");
	strcpy(record.leg.from, "sip:a@x");
	strcpy(record.leg.to, "sip:b@x");
	strcpy(record.leg.reason, "Busy Here");
	return record;
}

static struct record stream_of(uint64_t call, uint64_t leg, nstime first,
                               enum direction way)
{
	struct record record;
	record_clear(&record, RECORD_STREAM);
	record.stream.id = 77;
	record.stream.call = call;
	record.stream.leg = leg;
	record.stream.first = first;
	record.stream.direction = way;
	record.stream.src = leg_of(0, 0, 0).leg.src;
	record.stream.dst = leg_of(0, 0, 0).leg.dst;
	record.stream.codec = CODEC_PCMU;
	record.stream.packets = 624;
	record.stream.lost = 20;
	record.stream.loss_pct = 20 / 6.24;
	record.stream.jitter_mean_ms = 1.8;
	record.stream.jitter_max_ms = 4.2;
	record.stream.mos_lq = 4.114;
	record.stream.r = 83.25;
	record.stream.band = BAND_NB;
	record.stream.flags = STREAM_NAT;
	return record;
}

static struct record call_of(uint64_t id)
{
	struct record record;
	record_clear(&record, RECORD_CALL);
	record.call.id = id;
	return record;
}

static void a_call_is_printed_whole_when_it_is_final(void **state)
{
	const struct record records[] = {
		stream_of(1, 11, RECORDS_TIME + NS_PER_SEC, DIRECTION_REVERSE),
		stream_of(0, 0, RECORDS_TIME, DIRECTION_NONE),
		stream_of(1, 11, RECORDS_TIME, DIRECTION_FORWARD),
		stream_of(2, 21, RECORDS_TIME, DIRECTION_FORWARD),
		leg_of(2, 21, RECORDS_TIME),
		leg_of(1, 12, RECORDS_TIME + NS_PER_MS),
		leg_of(1, 11, RECORDS_TIME),
		call_of(1),
	};
	struct output output = begin((struct print_options){ .mode = PRINT_TEXT });
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		printer_record(output.printer, &records[i]);
	end(&output);
#define FIGURES                                                                               \
	" PCMU         624 packets     20 lost   3.21 %  jitter   1.80 mean    4.20 max ms  " \
	"MOS 4.11 nb  R  83.2  198.18.0.1:5060 \u2192 198.18.0.1:5070  [nat]\n"
#define OUTCOME                                                                            \
	"  failed      486         \u2013 s  PDD     120 ms  sip:a@x \u2192 sip:b@x  Busy Here\n"
#define SIGNALLING "    198.18.0.1:5060 \u2192 198.18.0.1:5070 udp  Call-ID abc\\x1b[2J\n"
	assert_string_equal(
	        output.text,
	        "2024-02-29T12:34:56.789Z" OUTCOME "    call 0000000000000001\n" SIGNALLING
	        "    \u2192" FIGURES "    \u2190" FIGURES
	        "  2024-02-29T12:34:56.790Z" OUTCOME SIGNALLING "\n"
	        "Of calls without a record\n"
	        "2024-02-29T12:34:56.789Z" OUTCOME SIGNALLING "    \u2192" FIGURES "\n"
	        "Streams without a call\n"
	        "    \u00b7" FIGURES "\n");
	free(output.text);
}

/* More than can be held comes out none the less, each line once. */
static void nothing_is_lost_when_too_much_is_held(void **state)
{
	enum { LINES = 300000 };
	struct output output = begin((struct print_options){ .mode = PRINT_TEXT });
	size_t lines = 0;
	(void)state;
	struct record stream = stream_of(1, 11, RECORDS_TIME, DIRECTION_FORWARD);
	for (uint64_t i = 1; i <= LINES; i++) {
		stream.stream.call = i;
		printer_record(output.printer, &stream);
	}
	for (uint64_t i = 1; i <= LINES; i++) {
		const struct record call = call_of(i);
		printer_record(output.printer, &call);
	}
	end(&output);
	for (size_t i = 0; i + 4 <= output.len; i++)
		lines += memcmp(output.text + i, "PCMU", 4) == 0;
	assert_int_equal(lines, LINES);
	free(output.text);
}

static struct summary summary_of(struct counters *counters, struct sip_tally *tally)
{
	struct summary summary = {
		.frames = 10, .parsed = 6, .not_ours = 1, .counters = counters, .sip = tally
	};
	summary.malformed[REASON_UDP_LENGTH] = 2;
	summary.dropped[REASON_FILTERED] = 1;
	memset(counters, 0, sizeof *counters);
	memset(tally, 0, sizeof *tally);
	counters->of[COUNT_SIP_MESSAGES] = 19;
	counters->of[COUNT_STREAMS_EVICTED] = 4;
	tally->requests[SIP_INVITE] = 3;
	tally->responses[200][SIP_INVITE] = 2;
	tally->responses[400][SIP_METHOD_OTHER] = 1;
	tally->other_count = 1;
	strcpy(tally->other[0].name, "FEED\"ME");
	tally->other[0].requests = 5;
	tally->other_requests = 6;
	tally->pair_count = 2;
	tally->pairs[0].status = 501;
	tally->pairs[0].count = 1;
	tally->pairs[1].method = TALLY_OTHER_METHODS;
	tally->pairs[1].status = 404;
	tally->pairs[1].count = 1;
	tally->faults[SIP_FAULT_CSEQ] = 7;
	return summary;
}

static void the_summary_says_what_became_of_every_frame(void **state)
{
	static struct counters counters;
	static struct sip_tally tally;
	static const struct {
		const char *object, *name;
		json_int_t value;
	} expected[] = {
		{ NULL, "frames", 10 },         { NULL, "parsed", 6 },
		{ NULL, "not_ours", 1 },        { "malformed", "udp_length", 2 },
		{ "dropped", "filtered", 1 },   { NULL, "legs", 0 },
		{ NULL, "calls", 0 },           { NULL, "streams", 0 },
		{ NULL, "sip_messages", 19 },   { "sip", "INVITE", 3 },
		{ "sip", "200 (INVITE)", 2 },   { "sip", "400 (None)", 1 },
		{ "sip", "FEED\"ME", 5 },       { "sip", "501 (FEED\"ME)", 1 },
		{ "sip", "404 (other)", 1 },    { "sip", "other", 6 },
		{ "sip_malformed", "cseq", 7 }, { NULL, "truncated", 0 },
		{ NULL, "duplicates", 0 },      { "evicted", "streams_evicted", 4 },
	};
	(void)state;
	const struct summary summary = summary_of(&counters, &tally);
	struct output output = begin((struct print_options){ .mode = PRINT_JSON });
	printer_summary(output.printer, &summary);
	end(&output);
	json_t *json = parse_line(output.text);
	assert_string_equal(string_at(json, "kind"), "summary");
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		const json_t *object = expected[i].object
		                               ? json_object_get(json, expected[i].object)
		                               : json;
		const json_t *value = json_object_get(object, expected[i].name);
		if (!json_is_integer(value) ||
		    json_integer_value(value) != expected[i].value)
			fail_msg("%s", expected[i].name);
	}
	assert_int_equal(json_object_size(json_object_get(json, "sip")), 7);
	assert_int_equal(json_object_size(json_object_get(json, "malformed")), 1);
	json_decref(json);
	free(output.text);
}

static void the_summary_for_people(void **state)
{
	static struct counters counters;
	static struct sip_tally tally;
	(void)state;
	const struct summary summary = summary_of(&counters, &tally);
	struct output output = begin((struct print_options){ .mode = PRINT_TEXT });
	printer_summary(output.printer, &summary);
	end(&output);
	assert_string_equal(output.text,
	                    "0 calls, 0 legs, 0 streams, 0 registrations\n"
	                    "19 SIP messages (INVITE 3, other 11) (2xx 2, 4xx 2, 5xx 1), "
	                    "7 malformed (cseq 7)\n"
	                    "10 frames: 6 parsed, 1 not ours, 2 malformed (udp_length 2), "
	                    "1 dropped (filtered 1)\n"
	                    "tables were too small for this input (streams_evicted 4)\n");
	free(output.text);
}

static void a_full_disk_is_noticed(void **state)
{
	struct printer *printer = NULL;
	struct record record;
	FILE *full = fopen("/dev/full", "w");
	const struct print_options options = { .mode = PRINT_JSON, .out = full };
	(void)state;
	assert_non_null(full);
	assert_int_equal(printer_new(&options, &printer), OK);
	records_fill(&record, RECORD_LEG, "text");
	printer_record(printer, &record);
	assert_false(printer_finish(printer));
	printer_free(printer);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_a_member_of_its_name),
		cmocka_unit_test(values_look_as_the_contract_says),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(messages_are_printed_when_asked_for),
		cmocka_unit_test(csv_has_one_kind_under_its_names),
		cmocka_unit_test(a_call_is_printed_whole_when_it_is_final),
		cmocka_unit_test(nothing_is_lost_when_too_much_is_held),
		cmocka_unit_test(the_summary_says_what_became_of_every_frame),
		cmocka_unit_test(the_summary_for_people),
		cmocka_unit_test(a_full_disk_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
