/* The same packets give the same records: whatever the batches, the hash key, the run. */
#include "tests/unit/field_size.h"
#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"

enum { CALLS = 12 };

/* Calls that overlap, of which some share endpoints; media with losses; strangers. */
static struct scene *busy_scene(void)
{
	struct scene *scene = scene_new();
	uint64_t seed = 1;
	for (unsigned int i = 0; i < CALLS; i++) {
		char id[16];
		snprintf(id, sizeof id, "%u@test", i);
		const double ms = 137.0 * i;
		const char *offer = SDP(
		        "198.18.0.1", AUDIO("4000", "0 96") "a=rtpmap:96 opus/48000/2\r\n");
		const char *answer = SDP(
		        "198.19.0.1", AUDIO("5000", "0 96") "a=rtpmap:96 opus/48000/2\r\n");
		const struct says lines[] = {
			{ ms, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, offer, id,
			  NULL },
			{ ms + 90, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", answer, id,
			  NULL },
			{ ms + 1800, ALICE, BOB, "BYE", "2 BYE", "a", "b", NULL, id, NULL },
		};
		scene_script(scene, lines, i % 4 == 3 ? 1 : 3);
		const struct talk talk = {
			ms + 60,        "198.18.0.1:4000", "198.19.0.1:5000",   i, 80,
			i % 2 ? 96 : 0, i % 2 ? 960 : 160, (uint16_t)(i * 999), 15
		};
		const struct talk stranger = {
			ms, "192.0.2.1:6000", "192.0.2.2:6000", i, 30, 97, 320, 0, 3
		};
		scene_talk(scene, &talk);
		scene_talk(scene, &stranger);
	}
	for (size_t i = 0; i < scene->packet_count / 20; i++) {
		struct scene_packet *packet = &scene->packets[disorder_below(
		        &seed, (uint32_t)scene->packet_count)];
		packet->packet.at += 50 * NS_PER_MS;
	}
	return scene;
}

static uint64_t mix(uint64_t digest, const void *bytes, size_t len)
{
	const struct hash_key key = { digest, 1 };
	return hash_bytes(&key, bytes, len);
}

/* The bytes of a field that mean something: padding is nobody's. */
static uint64_t mix_field(uint64_t digest, const void *at, const struct field *field)
{
	const struct id_list *ids = at;
	const struct codec_list *codecs = at;
	const struct payload_type_counts *types = at;
	switch (field->type) {
	case FIELD_TEXT:
		return mix(digest, at, strlen(at));
	case FIELD_IDS:
		return mix(digest, ids->ids, ids->count * sizeof ids->ids[0]);
	case FIELD_CODECS:
		return mix(digest, codecs->codecs,
		           codecs->count * sizeof codecs->codecs[0]);
	case FIELD_PAYLOAD_TYPES:
		digest = mix(digest, types->types, types->count);
		return mix(digest, types->packets, types->count * sizeof types->packets[0]);
	default:
		assert_true(field_size(field) > 0);
		return mix(digest, at, field_size(field));
	}
}

static uint64_t digest(const struct scene *scene)
{
	uint64_t all = scene->record_count;
	for (size_t i = 0; i < scene->record_count; i++) {
		const struct record *record = &scene->records[i];
		const struct field_table table = record_fields(record->kind);
		all = mix(all, &record->at, sizeof record->at);
		for (size_t f = 0; f < table.count; f++)
			all = mix_field(all, field_at(record, &table.fields[f]),
			                &table.fields[f]);
	}
	return all;
}

static void batches_make_no_difference(void **state)
{
	(void)state;
	static const size_t batches[] = { 1, 3, ANALYZER_BATCH, ANALYZER_BATCH + 1,
		                          100000 };
	struct scene *scene = busy_scene();
	scene_run_by(scene, batches[0]);
	const uint64_t want = digest(scene);
	const struct counters counters = scene->counters;
	assert_int_equal(scene_count(scene, RECORD_CALL), CALLS);
	for (size_t i = 0; i < ARRAY_LEN(batches); i++) {
		scene_run_by(scene, batches[i]);
		assert_int_equal(digest(scene), want);
		assert_memory_equal(&scene->counters, &counters, sizeof counters);
	}
	scene_free(scene);
}

/* Nor does it matter who looks at a packet first. */
static void a_glance_before_makes_no_difference(void **state)
{
	(void)state;
	struct scene *scene = busy_scene();
	scene_run(scene);
	const uint64_t want = digest(scene);
	const struct counters counters = scene->counters;
	scene->glanced = true;
	for (uint64_t k = 0; k < 5; k++) {
		scene->settings.key = (struct hash_key){ k, ~k };
		scene_run_by(scene, 17 * (k + 1));
		assert_int_equal(digest(scene), want);
		assert_memory_equal(&scene->counters, &counters, sizeof counters);
	}
	scene_free(scene);
}

/* The key decides where things lie in tables, and nothing else. */
static void the_hash_key_makes_no_difference(void **state)
{
	(void)state;
	struct scene *scene = busy_scene();
	scene_run(scene);
	const uint64_t want = digest(scene);
	for (uint64_t k = 1; k < 20; k++) {
		scene->settings.key = (struct hash_key){ k, ~k };
		scene_run(scene);
		assert_int_equal(digest(scene), want);
	}
	scene_free(scene);
}

static void the_sensor_is_in_every_id(void **state)
{
	(void)state;
	struct scene *scene = busy_scene();
	scene_run(scene);
	uint64_t ids[SCENE_RECORDS];
	const size_t count = scene->record_count;
	for (size_t i = 0; i < count; i++)
		ids[i] = record_id(&scene->records[i]);
	strcpy(scene->settings.sensor, "elsewhere");
	scene_run(scene);
	assert_int_equal(scene->record_count, count);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			assert_int_not_equal(record_id(&scene->records[i]), ids[j]);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_make_no_difference),
		cmocka_unit_test(a_glance_before_makes_no_difference),
		cmocka_unit_test(the_hash_key_makes_no_difference),
		cmocka_unit_test(the_sensor_is_in_every_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
