/* fuzz_source_file.c - a capture file of any format, through a file in memory. */
#include "probe/source.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/touch.h"

enum { BATCH = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void read_all(struct source *source)
{
	struct frame frames[BATCH];
	uint64_t number = 0;
	size_t n = 0;
	while (source_next(source, frames, BATCH, &n) == OK && n > 0) {
		assert(n <= BATCH);
		for (size_t i = 0; i < n; i++) {
			number++;
			assert(frames[i].number == number);
			assert(frames[i].length >= frames[i].bytes.len);
			touch(frames[i].bytes);
		}
	}
	const struct source_error *damage = source_damage(source, 0);
	assert(!damage || damage->text[0]);
	assert(!source_damage(source, 2));
	uint64_t done, total;
	source_progress(source, &done, &total);
	assert(total == 0 || done <= total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char path[32];
	char *const twice[] = { path, path }; /* one alone, or merged with itself */
	struct source *source;
	struct source_error error;
	const int file = memfd_create("capture", 0);
	if (file < 0 || write(file, data, len) != (ssize_t)len)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	for (size_t count = 1; count <= 2; count++) {
		if (source_open_files(twice, count, &source, &error) == OK) {
			read_all(source);
			source_close(source);
		} else {
			assert(error.text[0]);
		}
	}
	close(file);
	return 0;
}
