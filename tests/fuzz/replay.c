/*
 * replay.c - runs files through a fuzz target without libFuzzer: for gcc, for a debugger,
 * and so that `make test` holds every input that once failed.  A folder means all files
 * below it.
 */
#include <err.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t files;

/* A copy of the exact size, so that a sanitizer sees one byte too far. */
static int run_file(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
	(void)walk;
	if (kind != FTW_F)
		return 0;
	const size_t len = (size_t)info->st_size;
	uint8_t *data = malloc(len ? len : 1);
	FILE *file = fopen(path, "rb");
	if (!data || !file || fread(data, 1, len, file) != len)
		err(1, "%s", path);
	LLVMFuzzerTestOneInput(data, len);
	fclose(file);
	free(data);
	files++;
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], run_file, 16, FTW_PHYS) != 0)
			err(1, "%s", argv[i]);
	printf("%zu inputs\n", files);
	return files == 0;
}
