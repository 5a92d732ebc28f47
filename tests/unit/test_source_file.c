#include "probe/source.h"

#include <zlib.h>
#include <zstd.h>

#include "tests/unit/capture_files.h"

/* 5,000 frames, longer together than the window, each with its number inside. */
static void big_file(struct build *b)
{
	char text[1001];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	pcap_header(b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(text, 8, "%07u", i);
		text[7] = ' ';
		text[700 + i % 300] = '\0';
		pcap_record(b, i, 0, text, 1000);
		text[700 + i % 300] = 'x';
	}
}

static void check_big(struct reading *r)
{
	assert_string_equal(r->damage, "");
	assert_int_equal(r->count, 5000);
	for (uint32_t i = 0; i < 5000; i++) {
		char text[8];
		snprintf(text, sizeof text, "%07u", i);
		assert_memory_equal(r->bytes[i], text, 7);
		assert_int_equal(r->frames[i].bytes.len, 700 + i % 300);
		assert_int_equal(r->frames[i].number, i + 1);
	}
	free_reading(r);
}

static void write_packed(const char *gzip_name, const char *zstd_name,
                         const struct build *b)
{
	const size_t room = ZSTD_compressBound(b->len);
	uint8_t *packed = malloc(room);
	const size_t half = b->len / 2;
	const size_t len = ZSTD_compress(packed, room, b->bytes, b->len, 3);
	assert_false(ZSTD_isError(len));
	write_bytes(zstd_name, packed, len);
	free(packed);
	for (size_t at = 0; at < b->len;
	     at += half) { /* two members, as two gzips in a row */
		const size_t n = b->len - at < half ? b->len - at : half;
		gzFile file = gzopen(path_of(gzip_name), at ? "ab" : "wb");
		assert_int_equal(gzwrite(file, b->bytes + at, (unsigned int)n), (int)n);
		assert_int_equal(gzclose(file), Z_OK);
	}
}

static void a_long_file_is_the_same_plain_gzip_and_zstd(void **state)
{
	static const char *const names[] = { "big", "big.gz", "big.zst" };
	struct build b = new_build(false);
	(void)state;
	big_file(&b);
	write_packed("big.gz", "big.zst", &b);
	write_file("big", &b);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		for (size_t batch = 1; batch <= 64; batch *= 8) {
			struct reading r = read_names(&names[i], 1, batch);
			assert_int_equal(r.done, r.total);
			check_big(&r);
		}
	}
}

/* The first `percent` of a file, read to where it ends. */
static void expect_cut(const char *name, size_t percent, const char *damage)
{
	uint8_t *bytes = malloc(ROOM);
	FILE *file = fopen(path_of(name), "rb");
	const size_t len = fread(bytes, 1, ROOM, file);
	fclose(file);
	write_bytes("cut", bytes, len * percent / 100);
	free(bytes);
	struct reading r = read_name("cut");
	if (!strstr(r.damage, damage))
		fail_msg("%s: %s", name, r.damage);
	assert_in_range(r.count, 1000, 4999);
	for (uint32_t i = 0; i < r.count; i++)
		assert_int_equal(r.frames[i].at, i * NS_PER_SEC);
	free_reading(&r);
}

static void what_comes_before_the_damage_is_read(void **state)
{
	(void)state;
	expect_cut("big", 60, "cut: packet 2995: the record runs past the end of the file");
	expect_cut("big.gz", 80, "the compressed data ends early");
	expect_cut("big.zst", 80, "the compressed data ends early");
}

static void what_is_no_capture_is_refused(void **state)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t len;
		enum status status;
		const char *error;
	} files[] = {
		{ "nothing", "", 0, ERR_MALFORMED, "the file is empty" },
		{ "text", "INVITE sip:a@b SIP/2.0\r\n", 24, ERR_MALFORMED,
		  "not a capture file" },
		{ "ten bytes of pcap", "\xd4\xc3\xb2\xa1\2\0\4\0\0\0", 10, ERR_MALFORMED,
		  "ends inside its header" },
		{ "eight bytes of pcapng", "\x0a\x0d\x0d\x0a\x1c\0\0\0", 8, ERR_MALFORMED,
		  "ends inside its header" },
		{ "pcap version 3",
		  "\xd4\xc3\xb2\xa1\3\0\4\0\0\0\0\0\0\0\0\0\0\0\1\0\1\0\0\0", 24,
		  ERR_UNSUPPORTED, "version" },
		{ "gzip of nothing good", "\x1f\x8b\x08\0\0\0\0\0\0\3\xff\xff\xff\xff", 14,
		  ERR_MALFORMED, "the compressed data is damaged" },
	};
	char *path[1];
	struct source *source;
	struct source_error error;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		write_bytes("refused", files[i].bytes, files[i].len);
		path[0] = strdup(path_of("refused"));
		const enum status status = source_open_files(path, 1, &source, &error);
		if (status != files[i].status || !strstr(error.text, files[i].error))
			fail_msg("%s: %s: %s", files[i].what, status_name(status),
			         error.text);
		free(path[0]);
	}
	path[0] = strdup(path_of("missing"));
	assert_int_equal(source_open_files(path, 1, &source, &error), ERR_IO);
	assert_non_null(strstr(error.text, "No such file"));
	free(path[0]);
	path[0] = folder;
	assert_int_equal(source_open_files(path, 1, &source, &error), ERR_IO);
	assert_non_null(strstr(error.text, "directory"));
}

static void an_empty_capture_has_no_frames(void **state)
{
	struct build b = new_build(true);
	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	write_file("none", &b);
	struct reading r = read_name("none");
	assert_int_equal(r.count, 0);
	assert_string_equal(r.damage, "");
	free_reading(&r);
}

static void write_times(const char *name, char letter, const uint32_t *times, size_t count)
{
	struct build b = new_build(false);
	char text[24];
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof text, "%c%zu", letter, i);
		pcap_record(&b, times[i], 0, text, 60);
	}
	write_file(name, &b);
}

static void several_files_are_merged_by_time(void **state)
{
	static const uint32_t a[] = { 5, 6, 6, 9, 2, 10 }; /* 2: a clock that went back */
	static const uint32_t b[] = { 1, 6, 7, 20 };
	static const uint32_t c[] = { 6, 30 };
	static const char *const names[] = { "a", "b", "none", "c" };
	static const char *const merged[] = { "b0", "a0", "b1", "a1", "a2", "c0",
		                              "b2", "a3", "a4", "a5", "b3", "c1" };
	(void)state;
	write_times("a", 'a', a, ARRAY_LEN(a));
	write_times("b", 'b', b, ARRAY_LEN(b));
	write_times("c", 'c', c, ARRAY_LEN(c));
	for (size_t batch = 1; batch <= 64; batch *= 4) {
		struct reading r = read_names(names, 4, batch);
		assert_int_equal(r.count, ARRAY_LEN(merged));
		for (size_t i = 0; i < ARRAY_LEN(merged); i++) {
			assert_string_equal(r.bytes[i], merged[i]);
			assert_int_equal(r.frames[i].number, i + 1);
		}
		assert_int_equal(r.done, r.total);
		free_reading(&r);
	}
}

static void long_files_are_merged_whatever_their_order(void **state)
{
	static const char *const names[] = { "late", "early", "big" };
	uint32_t times[1500];
	(void)state;
	for (uint32_t i = 0; i < 1500; i++)
		times[i] = 4000 + i;
	write_times("late", 'l', times, 1500);
	for (uint32_t i = 0; i < 1500; i++)
		times[i] = i / 3;
	write_times("early", 'e', times, 1500);
	struct reading r = read_names(names, 3, 64);
	assert_int_equal(r.count, 8000);
	for (size_t i = 1; i < r.count; i++) {
		assert_true(r.frames[i].at >= r.frames[i - 1].at);
		assert_int_equal(r.frames[i].number, i + 1);
	}
	free_reading(&r);
}

static void damage_in_one_file_leaves_the_others(void **state)
{
	static const char *const names[] = { "cut", "b" };
	(void)state;
	expect_cut("big", 60, "cut: packet 2995");
	struct reading r = read_names(names, 2, 64);
	assert_int_equal(r.count, 2994 + 4);
	assert_non_null(strstr(r.damage, "/cut: packet 2995"));
	free_reading(&r);
}

/* A room is never given twice here: a frame that was moved or overwritten is found. */
struct rooms {
	uint8_t *list[64];
	size_t count;
};

static uint8_t *next_room(void *self)
{
	struct rooms *rooms = self;
	assert_true(rooms->count < ARRAY_LEN(rooms->list));
	rooms->list[rooms->count] = malloc(SOURCE_ROOM);
	assert_non_null(rooms->list[rooms->count]);
	return rooms->list[rooms->count++];
}

static bool is_in_a_room(const struct rooms *rooms, struct span bytes)
{
	for (size_t i = 0; i < rooms->count; i++)
		if (bytes.at >= rooms->list[i] &&
		    bytes.at + bytes.len <= rooms->list[i] + SOURCE_ROOM)
			return true;
	return false;
}

static void frames_stay_in_the_rooms_that_they_were_read_to(void **state)
{
	static const char *const names[] = { "big", "big.gz", "big.zst" };
	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(names); n++) {
		struct rooms rooms = { .count = 0 };
		const struct source_room room = { next_room, &rooms };
		char *path = strdup(path_of(names[n]));
		struct source *source;
		struct source_error error;
		struct reading r;
		assert_int_equal(source_open_files(&path, 1, &source, &error), OK);
		source_read_into(source, &room);
		read_source(source, 64, &r);
		for (size_t i = 0; i < r.count; i++) {
			const struct span bytes = r.frames[i].bytes;
			assert_true(r.frames[i].stays && is_in_a_room(&rooms, bytes));
			memcpy(r.bytes[i], bytes.at, 15); /* as it is now */
		}
		check_big(&r);
		assert_true(rooms.count > 10);
		while (rooms.count > 0)
			free(rooms.list[--rooms.count]);
		free(path);
	}
}

static void frames_of_several_files_do_not_stay(void **state)
{
	char *paths[] = { strdup(path_of("a")), strdup(path_of("b")) };
	struct rooms rooms = { .count = 0 };
	const struct source_room room = { next_room, &rooms };
	struct source *source;
	struct source_error error;
	struct reading r;
	(void)state;
	assert_int_equal(source_open_files(paths, 2, &source, &error), OK);
	source_read_into(source, &room);
	read_source(source, 64, &r);
	assert_int_equal(r.count, 10);
	for (size_t i = 0; i < r.count; i++)
		assert_false(r.frames[i].stays);
	assert_int_equal(rooms.count, 0);
	free_reading(&r);
	free(paths[0]);
	free(paths[1]);
}

static void standard_input_is_a_file_too(void **state)
{
	char *twice[] = { "-", "-" };
	struct source *source;
	struct source_error error;
	struct reading r;
	const int kept = dup(STDIN_FILENO);
	(void)state;
	assert_non_null(freopen(path_of("big.gz"), "rb", stdin));
	assert_int_equal(source_open_files(twice, 1, &source, &error), OK);
	read_source(source, 64, &r);
	assert_int_equal(r.total, 0);
	check_big(&r);
	assert_non_null(freopen(path_of("b"), "rb", stdin));
	assert_int_equal(source_open_files(twice, 2, &source, &error), ERR_UNSUPPORTED);
	assert_non_null(strstr(error.text, "only once"));
	dup2(kept, STDIN_FILENO);
	close(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_file_is_the_same_plain_gzip_and_zstd),
		cmocka_unit_test(what_comes_before_the_damage_is_read),
		cmocka_unit_test(what_is_no_capture_is_refused),
		cmocka_unit_test(an_empty_capture_has_no_frames),
		cmocka_unit_test(several_files_are_merged_by_time),
		cmocka_unit_test(long_files_are_merged_whatever_their_order),
		cmocka_unit_test(damage_in_one_file_leaves_the_others),
		cmocka_unit_test(frames_stay_in_the_rooms_that_they_were_read_to),
		cmocka_unit_test(frames_of_several_files_do_not_stay),
		cmocka_unit_test(standard_input_is_a_file_too),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
