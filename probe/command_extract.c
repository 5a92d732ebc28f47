/* command_extract.c - `earshot extract`: the packets of one call, as a new capture file. */
#include "probe/commands.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/config_option.h"
#include "probe/extract_select.h"
#include "probe/extract_write.h"
#include "probe/options.h"
#include "probe/pipeline.h"
#include "probe/progress.h"
#include "schema/field_text.h"

static const char usage[] =
        "usage: earshot extract FILE... --call ID -o FILE\n"
        "\n"
        "Writes the packets of one call to a capture file of its own, for sending on: the SIP\n"
        "messages of all its legs, the RTP and RTCP of its streams, and the ICMP errors about\n"
        "them.  Calls and streams come out of it as out of the whole capture.\n"
        "\n"
        "  -c, --call ID      the call: its id or that of a leg or stream (16 hex digits, see\n"
        "                     earshot analyze --json), enough of its beginning, or the SIP\n"
        "                     Call-ID\n"
        "  -o, --output FILE  where to write; - is standard output\n"
        "  -f, --force        overwrite FILE if it is there\n"
        "  -C, --config FILE  configuration that the ids were made with\n"
        "  -s, --sensor NAME  name that the ids were made with (local)\n"
        "  -n, --no-progress  no progress on standard error\n"
        "  -h, --help         this text\n"
        "\n"
        "The files are read three times, so none of them can be standard input or a pipe.  The\n"
        "result is pcap with nanoseconds, or pcapng when link types differ.\n"
        "\n"
        "Of SIP over UDP, all IP fragments of a message are written.  A TCP connection is written\n"
        "whole if it carried nothing but this call, and so is any WebSocket.  Of a connection\n"
        "that several calls share, the segments that hold a message of this call are written as\n"
        "they are, those between them with line ends in place of their data.  A segment that\n"
        "holds messages of several calls is written as it is.  RTCP and ICMP errors are told by\n"
        "addresses, ports and time.\n"
        "\n"
        "Not in it is time that passed in silence: a call that ended by a timer may look as if it\n"
        "were still going on when the extract ends.\n"
        "\n"
        "Exit status: 0 done, 1 failed (a damaged file gives what could be read), 2 wrong usage.\n"
        "\n"
        "examples:\n"
        "  earshot extract trace.pcap --call 5f0c1a9b -o call.pcap\n"
        "  earshot extract span-*.pcap.gz --call 'a84b4c76e66710@pc33.example.com' -o call.pcap\n"
        "  earshot extract trace.pcap --call 5f0c1a9b -o - | tshark -r -\n";

struct extraction {
	const char *call, *output;
	bool force, progress;
	struct config *config; /* owned */
	struct settings settings;
	char *const *files;
	size_t file_count;

	struct extract_find find;
	struct extract_select select;
	bool damaged;
};

/* --- options -------------------------------------------------------------------------- */

static bool take_sensor(void *into, char *name)
{
	struct extraction *x = into;
	return sensor_option(&x->settings, name);
}

/* clang-format off */
#define AT(member) offsetof(struct extraction, member)
static const struct option_row option_rows[] = {
	{ "call", 'c', OPTION_WORD, AT(call) },
	{ "config", 'C', OPTION_READ },
	{ "output", 'o', OPTION_WORD, AT(output) },
	{ "force", 'f', OPTION_FLAG, AT(force) },
	{ "sensor", 's', OPTION_TAKE, .take = take_sensor },
	{ "no-progress", 'n', OPTION_NO_FLAG, AT(progress) },
	{ "help", 'h', OPTION_HELP },
};
/* clang-format on */

/* Prints what is missing. */
static bool check_options(const struct extraction *x)
{
	if (x->file_count == 0)
		warnx("no capture file given");
	else if (!x->call || !*x->call)
		warnx("which call? give --call ID, as earshot analyze --json shows it");
	else if (!x->output || !*x->output)
		warnx("where to? give -o FILE, or -o - for standard output");
	else
		return true;
	return false;
}

/* What is read more than once must be a file.  What cannot be opened, the source tells. */
static bool check_files(const struct extraction *x)
{
	for (size_t i = 0; i < x->file_count; i++) {
		struct stat about;
		if (strcmp(x->files[i], "-") == 0)
			warnx("-: standard input cannot be read three times; save it to a file");
		else if (stat(x->files[i], &about) == 0 && !S_ISREG(about.st_mode) &&
		         !S_ISDIR(about.st_mode))
			warnx("%s: no plain file, it cannot be read three times",
			      x->files[i]);
		else
			continue;
		return false;
	}
	return true;
}

/* True: go on.  Else *exit_status is what to return. */
static bool parse_options(struct extraction *x, int argc, char **argv, int *exit_status)
{
	enum option_outcome outcome = OPTIONS_WRONG;
	if (config_option(x->config, option_rows, ARRAY_LEN(option_rows), argc, argv)) {
		x->settings = x->config->settings;
		outcome = option_table_read(option_rows, ARRAY_LEN(option_rows), argc, argv,
		                            x);
	}
	x->files = argv + optind;
	x->file_count = (size_t)(argc - optind);
	if (outcome == OPTIONS_GOOD && check_options(x) && check_files(x))
		return true;
	if (outcome == OPTIONS_GOOD)
		outcome = OPTIONS_WRONG;
	*exit_status = option_table_stop(outcome, "extract", usage);
	return false;
}

/* --- reading -------------------------------------------------------------------------- */

enum { FRAMES_AT_ONCE = 256 };

typedef void receive_frames(void *self, const struct frame *frames, size_t count);

/* Once through all files.  What is damaged is told the first time. */
static bool read_files(struct extraction *x, receive_frames *receive, void *self)
{
	struct frame frames[FRAMES_AT_ONCE];
	struct source *source;
	struct source_error error;
	size_t count;
	enum status status;
	if (source_open_files(x->files, x->file_count, &source, &error) != OK) {
		warnx("%s", error.text);
		return false;
	}
	struct progress progress = progress_begin(x->progress);
	while ((status = source_next(source, frames, FRAMES_AT_ONCE, &count)) == OK &&
	       count) {
		receive(self, frames, count);
		progress_step(&progress, source, count);
	}
	progress_end(&progress);
	if (status != OK)
		warnx("reading stopped: %s", status_name(status));
	const struct source_error *damage;
	for (size_t i = 0; !x->damaged && (damage = source_damage(source, i)); i++)
		warnx("%s", damage->text);
	x->damaged |= source_damage(source, 0) != NULL;
	source_close(source);
	return status == OK;
}

static bool failed_for(enum status status)
{
	if (status == ERR_NOMEM)
		warnx("memory ran out");
	else if (status != OK)
		warnx("%s", status_name(status));
	return status != OK;
}

/* --- first reading: which calls there are --------------------------------------------- */

static void take_analysis(void *self, const struct frame *frames, size_t count)
{
	pipeline_frames(self, frames, count);
}

static bool find_calls(struct extraction *x)
{
	struct pipeline *pipeline;
	char error[PIPELINE_ERROR_SIZE];
	const struct sink sink = { extract_find_accept, &x->find };
	const struct pipeline_options setup = { .settings = x->settings, .sink = &sink };
	x->find.wanted = text_from(x->call);
	if (failed_for(pipeline_new(&setup, &pipeline, error)))
		return false;
	const bool read = read_files(x, take_analysis, pipeline);
	pipeline_finish(pipeline);
	pipeline_free(pipeline);
	return read && !failed_for(x->find.no_memory ? ERR_NOMEM : OK);
}

static bool choose_call(struct extraction *x)
{
	const struct extract_matches *matches = extract_find_matches(&x->find);
	char id[ID_TEXT_SIZE];
	if (matches->count == 1) {
		extract_find_choose(&x->find, matches->calls[0]);
		return true;
	}
	if (matches->count == 0) {
		warnx("no call '%s' here; earshot analyze shows those that are", x->call);
		return false;
	}
	warnx("'%s' may be the call:", x->call);
	for (size_t i = 0; i < matches->count && i < EXTRACT_CALLS_SHOWN; i++)
		fprintf(stderr, "  %s\n", id_format(matches->calls[i], id));
	if (matches->count > EXTRACT_CALLS_SHOWN)
		fprintf(stderr, "  ...\n");
	return false;
}

/* --- second reading: which frames ----------------------------------------------------- */

static void take_selection(void *self, const struct frame *frames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		extract_select_frame(self, &frames[i]);
}

static bool select_frames(struct extraction *x)
{
	return !failed_for(extract_select_init(&x->select, &x->find, &x->settings)) &&
	       read_files(x, take_selection, &x->select) &&
	       !failed_for(extract_select_finish(&x->select));
}

/* --- third reading: writing them ------------------------------------------------------ */

struct writing {
	struct extract_writer writer;
	struct decoder *decoder;         /* owned */
	const struct extract_pick *next; /* borrowed, and its end */
	const struct extract_pick *end;
	uint64_t written;
};

/* In place of the data of a segment; what SIP skips between messages (RFC 3261 7.5). */
static void write_blank(struct writing *w, const struct frame *frame)
{
	struct decoded decoded;
	decode_frame(w->decoder, frame, &decoded);
	const struct span data = decoded.packet.payload;
	if (decoded.result != DECODED_SEGMENT || decoded.reassembled)
		return; /* in fragments: left out */
	uint8_t *bytes = malloc(frame->bytes.len);
	if (!bytes)
		err(EXIT_FAILURE, "extract");
	memcpy(bytes, frame->bytes.at, frame->bytes.len);
	const size_t begin = (size_t)(data.at - frame->bytes.at);
	for (size_t i = 0; i < data.len; i++)
		bytes[begin + i] = i % 2 ? '\n' : '\r';
	struct frame blank = *frame;
	blank.bytes.at = bytes;
	extract_writer_frame(&w->writer, &blank);
	free(bytes);
	w->written++;
}

static void take_writing(void *self, const struct frame *frames, size_t count)
{
	struct writing *w = self;
	for (size_t i = 0; i < count && w->next < w->end; i++) {
		if (frames[i].number != w->next->frame)
			continue;
		if (w->next->blank) {
			write_blank(w, &frames[i]);
		} else {
			extract_writer_frame(&w->writer, &frames[i]);
			w->written++;
		}
		w->next++;
	}
}

static bool write_frames(struct extraction *x, FILE *out, uint64_t *written)
{
	const struct extract_picks *picks = &x->select.picks;
	struct writing writing = { .next = picks->list, .end = picks->list + picks->count };
	if (failed_for(extract_writer_begin(&writing.writer, out, picks)) ||
	    failed_for(decoder_new(0, &writing.decoder)))
		return false;
	const bool read = read_files(x, take_writing, &writing);
	decoder_free(writing.decoder);
	*written = writing.written;
	if (fflush(out) != 0 || ferror(out)) {
		warn("%s", x->output);
		return false;
	}
	return read;
}

/* Is the file that would be overwritten one of those to be read? */
static bool is_input(const struct extraction *x)
{
	struct stat output, input;
	if (stat(x->output, &output) != 0)
		return false;
	for (size_t i = 0; i < x->file_count; i++) {
		if (stat(x->files[i], &input) == 0 && input.st_dev == output.st_dev &&
		    input.st_ino == output.st_ino)
			return true;
	}
	return false;
}

static FILE *open_output(const struct extraction *x)
{
	if (is_input(x)) {
		warnx("%s: is one of the files to read; choose another name", x->output);
		return NULL;
	}
	const int how = O_WRONLY | O_CREAT | O_CLOEXEC | (x->force ? O_TRUNC : O_EXCL);
	const int fd = open(x->output, how, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "wb");
	if (!out && errno == EEXIST)
		warnx("%s: is there already; --force overwrites it", x->output);
	else if (!out)
		warn("%s", x->output);
	return out;
}

static bool write_file(struct extraction *x)
{
	uint64_t written = 0;
	if (strcmp(x->output, "-") == 0)
		return write_frames(x, stdout, &written);
	FILE *out = open_output(x);
	if (!out)
		return false;
	bool ok = write_frames(x, out, &written);
	if (fclose(out) != 0 && ok) {
		warn("%s", x->output);
		ok = false;
	}
	if (ok)
		printf("%s: %" PRIu64 " frames\n", x->output, written);
	return ok && options_flush_stdout() == EXIT_SUCCESS;
}

static int extract(struct extraction *x, int argc, char **argv)
{
	int exit_status;
	if (!parse_options(x, argc, argv, &exit_status))
		return exit_status;
	x->settings.keep_messages = true;
	const bool done =
	        find_calls(x) && choose_call(x) && select_frames(x) && write_file(x);
	return done && !x->damaged ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_extract(int argc, char **argv)
{
	struct extraction x = { .progress = true, .config = config_new() };
	if (!x.config) {
		warnx("%s: out of memory", argv[0]);
		return EXIT_FAILURE;
	}
	const int exit_status = extract(&x, argc, argv);
	extract_select_free(&x.select);
	extract_find_free(&x.find);
	config_free(x.config);
	return exit_status;
}
