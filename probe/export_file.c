#include "probe/export_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/text.h"

enum { MEMORY_MAX = 8192 };

/* The memory of an export, up to where it stands; a line of its own for each. */
static void add_question(struct buffer *to, const struct export_question *question)
{
	buffer_format(to, "earshot export 1\nkind %s\nformat %s\nmasked %d\nfilter %s\n",
	              question->kind, question->format, question->masked, question->filter);
}

/* false: errno says why not; 0 octets also when there is no such file. */
static bool read_memory(const char *path, char *to, size_t *len)
{
	FILE *file = fopen(path, "re");
	*len = 0;
	if (!file)
		return errno == ENOENT;
	*len = fread(to, 1, MEMORY_MAX, file);
	const bool whole = !ferror(file);
	fclose(file);
	return whole;
}

static bool read_number(struct text *rest, const char *name, uint64_t *out)
{
	struct text line = text_cut(rest, '\n');
	const struct text word = text_cut(&line, ' ');
	return text_equal(word, text_from(name)) && text_number(line, INT64_MAX, out) == OK;
}

/* "place N" and "octets N" behind the question, which must be the same. */
static bool parse_memory(struct export_file *file, struct text t, uint64_t *octets,
                         char *error, size_t size)
{
	struct buffer question = { 0 };
	uint64_t place = 0;
	add_question(&question, &file->question);
	const bool same = !question.failed && t.len > question.len &&
	                  memcmp(t.at, question.at, question.len) == 0;
	struct text rest = text_skip(t, question.len);
	buffer_free(&question);
	if (!same)
		snprintf(error, size,
		         "%s is of an export of another kind, format or filter",
		         file->memory);
	else if (!read_number(&rest, "place", &place) ||
	         !read_number(&rest, "octets", octets))
		snprintf(error, size, "%s does not say how far an export is", file->memory);
	else {
		file->place = (int64_t)place;
		return true;
	}
	return false;
}

/* Opens what is there, cut off behind what is remembered of it. */
static bool open_growing(struct export_file *file, uint64_t octets, char *error,
                         size_t size)
{
	struct stat found;
	const int fd = open(file->output, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
		snprintf(error, size, "%s: %s", file->output,
		         fd < 0 ? strerror(errno) : "no file that could grow");
	} else if ((uint64_t)found.st_size < octets) {
		snprintf(error, size, "%s has %lld octets, of which %s knows %llu",
		         file->output, (long long)found.st_size, file->memory,
		         (unsigned long long)octets);
	} else if (octets == 0 && found.st_size > 0) {
		snprintf(error, size, "%s is there, and %s knows nothing of it",
		         file->output, file->memory);
	} else if (ftruncate(fd, (off_t)octets) == 0 && lseek(fd, 0, SEEK_END) >= 0 &&
	           (file->out = fdopen(fd, "w"))) {
		file->begun = octets > 0;
		return true;
	} else {
		snprintf(error, size, "%s: %s", file->output, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return false;
}

static bool go_on(struct export_file *file, char *error, size_t size)
{
	char memory[MEMORY_MAX];
	size_t len;
	uint64_t octets = 0;
	if (!read_memory(file->memory, memory, &len)) {
		snprintf(error, size, "%s: %s", file->memory, strerror(errno));
		return false;
	}
	if (len > 0 &&
	    !parse_memory(file, (struct text){ memory, len }, &octets, error, size))
		return false;
	return open_growing(file, octets, error, size);
}

bool export_file_open(struct export_file *file, const char *output, const char *memory,
                      const struct export_question *question, char *error, size_t size)
{
	*file = (struct export_file){
		.out = stdout, .output = output, .memory = memory, .question = *question
	};
	if (memory)
		return go_on(file, error, size);
	if (!output)
		return true;
	if (!new_file_open(&file->fresh, output)) {
		snprintf(error, size, "%s: %s", output, strerror(errno));
		return false;
	}
	file->out = file->fresh.out;
	return true;
}

/* The records first, for good; then that they are there. */
static bool remember(struct export_file *file, int64_t place)
{
	struct new_file fresh;
	struct buffer memory = { 0 };
	const off_t octets = fflush(file->out) == 0 && fsync(fileno(file->out)) == 0
	                             ? ftello(file->out)
	                             : -1;
	if (octets < 0 || !new_file_open(&fresh, file->memory))
		return false;
	add_question(&memory, &file->question);
	buffer_format(&memory, "place %lld\noctets %lld\n", (long long)place,
	              (long long)octets);
	bool whole = buffer_write(&memory, fresh.out) && fflush(fresh.out) == 0 &&
	             fsync(fileno(fresh.out)) == 0;
	buffer_free(&memory);
	whole = new_file_close(&fresh, whole);
	return whole;
}

bool export_file_add(struct export_file *file, struct buffer *records, int64_t place)
{
	if (!buffer_write(records, file->out))
		return false;
	file->begun = true;
	if (file->memory && !remember(file, place))
		return false;
	file->place = place;
	return true;
}

bool export_file_close(struct export_file *file, bool whole)
{
	if (file->memory)
		return fclose(file->out) == 0 && whole;
	if (file->output)
		return new_file_close(&file->fresh, whole) && whole;
	return fflush(stdout) == 0 && !ferror(stdout) && whole;
}
