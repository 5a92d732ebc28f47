#include "schema/store.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/blank.h"
#include "schema/ladders.h"
#include "schema/message_bytes.h"
#include "schema/migrations.h"
#include "schema/query.h"
#include "tests/unit/database.h"
#include "tests/unit/folder.h"
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

static struct store *open_store(void)
{
	struct db_error error = { "" };
	struct store *store = NULL;
	if (store_open(path, &store, &error) != OK)
		fail_msg("%s", error.text);
	return store;
}

static void begin(struct store *store, const char *options)
{
	static char *const files[] = { "a.pcap", "b \"c\".pcap" };
	const struct run_info info = { .options = options,
		                       .sensor = "local",
		                       .program = "test",
		                       .files = files,
		                       .file_count = ARRAY_LEN(files) };
	if (store_begin_run(store, &info) != OK)
		fail_msg("%s", store_error(store));
}

static void add_one_of_each(struct store *store, const char *text)
{
	struct record record;
	static const uint8_t bytes[] = "OPTIONS sip:b SIP/2.0\r\n\0\xff";
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		records_fill(&record, kind, text);
		if (kind == RECORD_MESSAGE)
			record.tail = (struct span){ bytes, sizeof bytes };
		assert_int_equal(store_add(store, &record), OK);
	}
}

/* One whole run of one record of each kind; was it there already? */
static bool run_once(const char *options, uint8_t digest)
{
	const struct run_result result = { .digest = { digest },
		                           .frames = 7,
		                           .summary = "{}" };
	bool already_there = false;
	struct store *store = open_store();
	begin(store, options);
	add_one_of_each(store, "text");
	if (store_end_run(store, &result, &already_there) != OK)
		fail_msg("%s", store_error(store));
	store_close(store);
	return already_there;
}

static int64_t ask(const char *sql)
{
	struct db_error error;
	sqlite3 *db = NULL;
	if (db_open_read(path, &db, &error) != OK)
		fail_msg("%s", error.text);
	const int64_t answer = database_number(db, sql);
	db_close(db);
	return answer;
}

static int64_t rows_in_all(void)
{
	return ask("SELECT (SELECT count(*) FROM call) + (SELECT count(*) FROM leg) + "
	           "(SELECT count(*) FROM stream) + (SELECT count(*) FROM registration) + "
	           "(SELECT coalesce(sum(json_array_length(ladder)), 0) FROM leg) + "
	           "(SELECT count(*) FROM encrypted) + (SELECT count(*) FROM report) + "
	           "(SELECT count(*) FROM binding) + (SELECT count(*) FROM peer) + "
	           "(SELECT count(*) FROM event) + (SELECT count(*) FROM finding) + "
	           "(SELECT count(*) FROM kpi) + (SELECT count(*) FROM observation) + "
	           "(SELECT count(*) FROM alert)");
}

enum { FIELDS_MAX = 200 };

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void columns_are_the_fields(void **state)
{
	struct db_error error;
	sqlite3 *db = NULL;
	(void)state;
	assert_int_equal(db_open_write(path, 0, &db, &error), OK);
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		if (kind == RECORD_MESSAGE)
			continue; /* in leg.ladder */
		char sql[256];
		sqlite3_stmt *statement = NULL;
		const struct field_table table = record_fields(kind);
		snprintf(sql, sizeof sql,
		         "SELECT name FROM pragma_table_info('%s') WHERE name NOT IN "
		         "('seq', 'run', 'ladder', 'timeline', 'bins', 'digits_from', "
		         "'digits_to', 'digits_asserted', 'digits_diverted') ORDER BY name",
		         record_kind_names[kind]);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
		                 SQLITE_OK);
		const char *names[FIELDS_MAX] = { NULL };
		assert_true(table.count <= FIELDS_MAX);
		for (size_t i = 0; i < table.count; i++)
			names[i] = table.fields[i].name;
		qsort(names, table.count, sizeof *names, compare_names);
		for (size_t i = 0; i < table.count; i++) {
			assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
			assert_string_equal(sqlite3_column_text(statement, 0), names[i]);
		}
		assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
		sqlite3_finalize(statement);
	}
	db_close(db);
}

static void a_run_is_kept_with_its_files(void **state)
{
	(void)state;
	assert_false(run_once("", 1));
	assert_int_equal(rows_in_all(), RECORD_KIND_COUNT);
	assert_int_equal(
	        ask("SELECT count(*) FROM run WHERE frames = 7 AND summary = '{}' AND "
	            "json_extract(files, '$[1]') = 'b \"c\".pcap'"),
	        1);
	assert_int_equal(access(path, F_OK), 0);
}

static void the_same_run_again_adds_nothing(void **state)
{
	(void)state;
	assert_false(run_once("", 1));
	const int64_t pages = ask("PRAGMA page_count");
	assert_true(run_once("", 1));
	assert_int_equal(rows_in_all(), RECORD_KIND_COUNT);
	assert_int_equal(ask("SELECT count(*) FROM run"), 1);
	assert_int_equal(ask("PRAGMA page_count"), pages);
	assert_false(run_once("bpf=udp", 1));
	assert_false(run_once("", 2));
	assert_int_equal(rows_in_all(), 3 * RECORD_KIND_COUNT);
}

static void a_run_that_is_not_ended_leaves_nothing(void **state)
{
	(void)state;
	assert_false(run_once("", 1));
	struct store *store = open_store();
	begin(store, "");
	add_one_of_each(store, "text");
	store_close(store);
	assert_int_equal(rows_in_all(), RECORD_KIND_COUNT);
	assert_int_equal(ask("SELECT count(*) FROM run"), 1);
}

/* Enough for the cache to be written to the file before the end. */
enum { KILLED_AT = 16000, RAW_BYTES = 1000 };

static void write_until_killed(void)
{
	static uint8_t raw[RAW_BYTES];
	struct record record;
	struct store *store = open_store();
	begin(store, "");
	records_fill(&record, RECORD_MESSAGE, "text");
	record.tail = (struct span){ raw, sizeof raw };
	uint64_t seed = 1;
	for (int i = 0; i < KILLED_AT; i++) {
		for (size_t at = 0; at < sizeof raw; at++) /* which cannot be packed */
			raw[at] = (uint8_t)(disorder(&seed) >> 8);
		record.message.leg = (uint64_t)i; /* each of which has room for some */
		if (store_add(store, &record) != OK)
			_exit(1);
	}
	kill(getpid(), SIGKILL);
}

static void kill_a_writer(void)
{
	int status;
	char journal[128];
	struct stat size;
	const pid_t child = fork();
	if (child == 0)
		write_until_killed();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	/* The test would be none if the file did not hold a half-written run now. */
	snprintf(journal, sizeof journal, "%s-journal", path);
	assert_int_equal(access(journal, F_OK), 0);
	assert_int_equal(stat(path, &size), 0);
	assert_true(size.st_size > KILLED_AT * RAW_BYTES / 4);
}

static void a_killed_writer_leaves_a_whole_file(void **state)
{
	(void)state;
	assert_false(run_once("", 1));
	kill_a_writer();
	assert_int_equal(rows_in_all(), RECORD_KIND_COUNT); /* opened for reading only */
	assert_int_equal(ask("SELECT count(*) FROM run"), 1);
	assert_int_equal(ask("SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
	                 1);
	kill_a_writer();
	assert_false(run_once("", 2)); /* and for writing */
	assert_int_equal(rows_in_all(), 2 * RECORD_KIND_COUNT);
	assert_int_equal(ask("SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
	                 1);
}

static void a_second_writer_is_told(void **state)
{
	struct db_error error = { "" };
	sqlite3 *second = NULL;
	(void)state;
	struct store *store = open_store();
	begin(store, "");
	assert_int_equal(db_open_write(path, 1, &second, &error), OK);
	assert_int_not_equal(sqlite3_exec(second, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	                     SQLITE_OK);
	assert_int_equal(db_failed(second, path, &error), ERR_FULL);
	assert_non_null(strstr(error.text, "another process is writing"));
	db_close(second);
	store_close(store);
}

static const char *const hostile[] = {
	"Robert'); DROP", "\x1b]0;x\x07", "\xff\xfe\x80",  "\xed\xa0\x80",
	"<script>&\"'",   "=1+1",         "\xe2\x80\xaeX", "%n%s\\x00\t\r\n",
};

static void hostile_text_comes_back_byte_for_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct record wanted;
		struct record got;
		const struct run_result result = { .digest = { (uint8_t)i } };
		bool already_there;
		struct db_error error;
		struct query *query = NULL;
		struct rows rows;
		struct store *store = open_store();
		begin(store, "");
		add_one_of_each(store, hostile[i]);
		assert_int_equal(store_end_run(store, &result, &already_there), OK);
		store_close(store);
		assert_int_equal(query_open(path, &query, &error), OK);
		records_fill(&wanted, RECORD_LEG, hostile[i]);
		assert_int_equal(query_of_call(query, RECORD_LEG, wanted.leg.call,
		                               (int64_t)i + 1, &rows),
		                 OK);
		assert_int_equal(rows_next(&rows, &got), OK);
		assert_string_equal(got.leg.from, hostile[i]);
		assert_string_equal(got.leg.sip_call_id, hostile[i]);
		rows_end(&rows);
		query_close(query);
	}
	assert_int_equal(ask("SELECT count(*) FROM leg"), ARRAY_LEN(hostile));
}

/* Of a message that is kept, as it was. */
static size_t raw_length(int64_t seq)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;
	struct message_unpacker *unpacker;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT raw FROM message_raw WHERE seq = ?",
	                                    -1, &row, NULL),
	                 SQLITE_OK);
	sqlite3_bind_int64(row, 1, seq);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	assert_int_equal(message_unpacker_new(&unpacker), OK);
	const struct span kept = { sqlite3_column_blob(row, 0),
		                   (size_t)sqlite3_column_bytes(row, 0) };
	const size_t len = message_unpack(unpacker, kept).len;
	message_unpacker_free(unpacker);
	sqlite3_finalize(row);
	sqlite3_close(db);
	return len;
}

static void a_message_is_cut_at_the_limit_and_says_so(void **state)
{
	static uint8_t raw[STORE_RAW_MAX + 1];
	const struct run_result result = { .digest = { 1 } };
	bool already_there;
	struct record record;
	(void)state;
	struct store *store = open_store();
	begin(store, "");
	records_fill(&record, RECORD_MESSAGE, "text");
	record.tail = (struct span){ raw, sizeof raw };
	assert_int_equal(store_add(store, &record), OK);
	record.tail.len = STORE_RAW_MAX;
	assert_int_equal(store_add(store, &record), OK);
	assert_int_equal(store_end_run(store, &result, &already_there), OK);
	store_close(store);
	assert_int_equal(ask("SELECT raw_cut FROM message_raw WHERE seq = 1"), 1);
	assert_int_equal(ask("SELECT raw_cut FROM message_raw WHERE seq = 2"), 0);
	assert_int_equal(raw_length(1), STORE_RAW_MAX);
	assert_int_equal(raw_length(2), STORE_RAW_MAX);
}

static void a_leg_keeps_so_many_bytes_of_messages(void **state)
{
	static uint8_t raw[STORE_RAW_MAX];
	const struct run_result result = { .digest = { 1 } };
	bool already_there;
	struct record record;
	(void)state;
	struct store *store = open_store();
	begin(store, "");
	records_fill(&record, RECORD_MESSAGE, "text");
	record.tail = (struct span){ raw, sizeof raw };
	for (int i = 0; i < 6; i++)
		assert_int_equal(store_add(store, &record), OK);
	record.message.leg++; /* another leg has its own room */
	assert_int_equal(store_add(store, &record), OK);
	assert_int_equal(store_end_run(store, &result, &already_there), OK);
	store_close(store);
	assert_int_equal(ask("SELECT count(*) FROM message_raw"),
	                 LADDER_RAW_MAX / STORE_RAW_MAX + 1);
}

static void it_can_be_read_in_a_folder_nobody_may_write(void **state)
{
	struct db_error error = { "" };
	sqlite3 *db = NULL;
	int status;
	(void)state;
	assert_false(run_once("", 1));
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	const pid_t child = fork();
	if (child == 0) {
		if (getuid() == 0 && setuid(65534) != 0) /* root may write anywhere */
			_exit(1);
		_exit(db_open_read(path, &db, &error) == OK &&
		                      sqlite3_exec(db, "SELECT count(*) FROM leg", NULL,
		                                   NULL, NULL) == SQLITE_OK
		              ? 0
		              : 2);
	}
	assert_int_equal(chmod(folder, 0555), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void write_file(const char *sql)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void files_of_others_are_left_alone(void **state)
{
	struct db_error error = { "" };
	sqlite3 *db = NULL;
	(void)state;
	write_file("CREATE TABLE cats (name)");
	assert_int_equal(db_open_write(path, 0, &db, &error), ERR_UNSUPPORTED);
	assert_non_null(strstr(error.text, "not an earshot database"));
	assert_int_equal(db_open_read(path, &db, &error), ERR_UNSUPPORTED);
	FILE *file = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("no database at all\n", file);
	fclose(file);
	assert_int_equal(db_open_write(path, 0, &db, &error), ERR_UNSUPPORTED);
	assert_int_equal(remove(path), 0);
	assert_int_equal(db_open_read(path, &db, &error), ERR_IO);
	assert_non_null(strstr(error.text, "No such file"));
	assert_int_equal(access(path, F_OK), -1);
}

static void a_newer_file_is_refused(void **state)
{
	struct db_error error = { "" };
	sqlite3 *db = NULL;
	char sql[64];
	(void)state;
	assert_false(run_once("", 1));
	snprintf(sql, sizeof sql, "PRAGMA user_version = %d",
	         migrations[migration_count - 1].version + 1);
	write_file(sql);
	assert_int_equal(db_open_write(path, 0, &db, &error), ERR_UNSUPPORTED);
	assert_int_equal(db_open_read(path, &db, &error), ERR_UNSUPPORTED);
	assert_non_null(strstr(error.text, "newer"));
}

static void migrations_ascend(void **state)
{
	(void)state;
	assert_true(migration_count > 0);
	assert_int_equal(migrations[0].version, 1);
	for (size_t i = 1; i < migration_count; i++)
		assert_true(migrations[i].version > migrations[i - 1].version);
}

static void a_file_in_wal_mode_leaves_it(void **state)
{
	char wal[128];
	(void)state;
	assert_false(run_once("", 1));
	write_file("PRAGMA journal_mode = WAL");
	assert_false(run_once("", 2));
	snprintf(wal, sizeof wal, "%s-wal", path);
	assert_int_equal(access(wal, F_OK), -1);
	assert_int_equal(ask("SELECT journal_mode = 'delete' FROM pragma_journal_mode"), 1);
}

static void views_show_times_and_ids_as_text(void **state)
{
	(void)state;
	assert_false(run_once("", 1));
	assert_int_equal(
	        ask("SELECT count(*) FROM v_legs WHERE id = 'fedcba9876543210' AND "
	            "start = '2024-02-29T12:34:56.789019Z'"),
	        1);
	assert_int_equal(ask("SELECT count(*) FROM v_streams WHERE ssrc = '0x0badcafe'"),
	                 1);
	assert_int_equal(
	        ask("SELECT count(*) FROM v_calls WHERE leg_count = 1 AND \"from\" = "
	            "'text' AND ended = '2024-02-29T12:34:56.789015Z'"),
	        1);
}

/* All that SQLite knows of the file; the same for two files: they are the same. */
static char *form_of_file(void)
{
	static const char sql[] =
	        "SELECT group_concat(concat, char(10)) FROM (SELECT type || name || "
	        "tbl_name || rootpage || ifnull(sql, '') AS concat FROM sqlite_schema UNION "
	        "ALL SELECT name || value FROM upkeep UNION ALL SELECT integrity_check "
	        "FROM pragma_integrity_check UNION ALL SELECT page_size FROM "
	        "pragma_page_size UNION ALL SELECT page_count FROM pragma_page_count UNION "
	        "ALL SELECT auto_vacuum FROM pragma_auto_vacuum UNION ALL SELECT encoding "
	        "FROM pragma_encoding UNION ALL SELECT user_version FROM "
	        "pragma_user_version UNION ALL SELECT application_id FROM "
	        "pragma_application_id UNION ALL SELECT freelist_count FROM "
	        "pragma_freelist_count UNION ALL SELECT journal_mode FROM "
	        "pragma_journal_mode)";
	struct db_error error = { "" };
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	if (db_open_write(path, 0, &db, &error) != OK)
		fail_msg("%s", error.text);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	char *form = strdup((const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	db_close(db);
	return form;
}

/* Without files that have no name there are no copies, either. */
static void need_unnamed_files(void)
{
	const int fd = open(folder, O_TMPFILE | O_WRONLY, 0600);
	if (fd < 0)
		skip();
	close(fd);
}

/* An empty file goes through all migrations, one that is not there is a copy of a blank. */
static void a_blank_is_what_the_migrations_make(void **state)
{
	struct stat copy;
	(void)state;
	need_unnamed_files();
	const int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);
	assert_true(fd >= 0);
	close(fd);
	char *migrated = form_of_file();
	assert_int_equal(unlink(path), 0);
	assert_true(blank_copy_to(path));
	assert_int_equal(stat(path, &copy), 0);
	assert_int_equal(copy.st_size, blank_size);
	char *copied = form_of_file();
	assert_string_equal(copied, migrated);
	free(copied);
	free(migrated);
}

static void a_blank_takes_no_other_file_s_place(void **state)
{
	char there[128];
	struct stat file;
	(void)state;
	need_unnamed_files();
	snprintf(there, sizeof there, "%s/nowhere", folder);
	assert_int_equal(symlink(there, path), 0);
	assert_false(blank_copy_to(path)); /* SQLite follows the link */
	assert_int_equal(lstat(path, &file), 0);
	assert_true(S_ISLNK(file.st_mode));
	assert_int_equal(unlink(path), 0);
	const int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_false(blank_copy_to(path));
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_size, 0);
}

/* What a file that is gone has left behind is not played into the one that takes its name.
 */
static void a_blank_is_not_put_beside_a_journal(void **state)
{
	static const char *const ends[] = { "-journal", "-wal" };
	char journal[160];
	(void)state;
	need_unnamed_files();
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(journal, sizeof journal, "%s%s", path, ends[i]);
		const int fd = open(journal, O_CREAT | O_EXCL | O_WRONLY, 0644);
		assert_true(fd >= 0);
		close(fd);
		assert_false(blank_copy_to(path));
		assert_int_equal(unlink(journal), 0);
	}
	assert_true(blank_copy_to(path));
}

/* What is made in a file that nobody has written to. */
static int64_t indexes_of_an_empty_file(void)
{
	struct db_error error = { "" };
	sqlite3 *db = NULL;
	assert_int_equal(db_open_write(path, 0, &db, &error), OK);
	db_close(db);
	return ask("SELECT count(*) FROM sqlite_schema WHERE type = 'index'");
}

/* Many rows of a kind, and then others: its indexes are made before all rows are there. */
static void each_row_is_in_each_index(void **state)
{
	enum { MANY = 3000 };
	const struct run_result result = { .digest = { 1 } };
	const int64_t indexes = indexes_of_an_empty_file();
	static struct record record;
	bool already_there = false;
	(void)state;
	struct store *store = open_store();
	begin(store, "");
	records_fill(&record, RECORD_STREAM, "text");
	for (uint64_t i = 1; i <= MANY; i++) {
		record.stream.id = i * UINT64_C(0x9e3779b97f4a7c15);
		assert_int_equal(store_add(store, &record), OK);
	}
	add_one_of_each(store, "text");
	assert_int_equal(store_end_run(store, &result, &already_there), OK);
	store_close(store);
	assert_int_equal(ask("SELECT count(*) FROM sqlite_schema WHERE type = 'index'"),
	                 indexes);
	assert_int_equal(ask("SELECT count(*) FROM stream INDEXED BY stream_id "
	                     "WHERE id IN (SELECT id FROM stream NOT INDEXED)"),
	                 MANY + 1);
	assert_int_equal(ask("SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
	                 1);
}

/* The store tells SQLite no value twice. */
static void what_changes_from_row_to_row_is_kept(void **state)
{
	const struct run_result result = { .digest = { 1 } };
	static struct record record;
	bool already_there = false;
	(void)state;
	struct store *store = open_store();
	begin(store, "");
	records_fill(&record, RECORD_CALL, "text");
	for (unsigned int i = 0; i < 6; i++) {
		record.call.id = 1 + i;
		record.call.mos_lq_min = i / 2 == 1 ? NAN : 4.0 + (i < 2 ? 0 : 0.25);
		record.call.mos_lq_min_stream = i % 3 ? 7 : 0;
		record.call.capture_loss = i / 3;
		record.call.legs.ids[0] = 0x10 + i; /* the same length, at the same place */
		assert_int_equal(store_add(store, &record), OK);
	}
	assert_int_equal(store_end_run(store, &result, &already_there), OK);
	store_close(store);
	assert_int_equal(
	        ask("SELECT group_concat(ifnull(mos_lq_min, '-') || ' ' || "
	            "ifnull(mos_lq_min_stream, '-') || ' ' || capture_loss, ',') = "
	            "'4.0 - 0,4.0 7 0,- 7 0,- - 1,4.25 7 1,4.25 7 1' FROM call"),
	        1);
	assert_int_equal(ask("SELECT count(DISTINCT legs) FROM call"), 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(columns_are_the_fields),
		TEST(a_run_is_kept_with_its_files),
		TEST(the_same_run_again_adds_nothing),
		TEST(a_run_that_is_not_ended_leaves_nothing),
		TEST(a_killed_writer_leaves_a_whole_file),
		TEST(a_second_writer_is_told),
		TEST(hostile_text_comes_back_byte_for_byte),
		TEST(a_leg_keeps_so_many_bytes_of_messages),
		TEST(a_message_is_cut_at_the_limit_and_says_so),
		TEST(it_can_be_read_in_a_folder_nobody_may_write),
		TEST(files_of_others_are_left_alone),
		TEST(a_newer_file_is_refused),
		TEST(migrations_ascend),
		TEST(a_file_in_wal_mode_leaves_it),
		TEST(views_show_times_and_ids_as_text),
		TEST(a_blank_is_what_the_migrations_make),
		TEST(a_blank_takes_no_other_file_s_place),
		TEST(a_blank_is_not_put_beside_a_journal),
		TEST(each_row_is_in_each_index),
		TEST(what_changes_from_row_to_row_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
