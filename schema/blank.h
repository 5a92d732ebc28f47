/*
 * blank.h - a database that nothing was written to yet: what all migrations make of an
 * empty file.  Made when the program is built, by schema/embed_blank.py: to copy it takes
 * a tenth of the time that SQLite takes to make the tables one by one.
 */
#ifndef EARSHOT_SCHEMA_BLANK_H
#define EARSHOT_SCHEMA_BLANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whatever lies between them is zero. */
struct blank_piece {
	size_t at;
	const uint8_t *bytes;
	size_t len;
};

extern const struct blank_piece blank_pieces[];
extern const size_t blank_piece_count;
extern const size_t blank_size; /* bytes of the file */

/*
 * Makes the file if there is none, whole or not at all; did it?  Where that does not work
 * (a file system that has no files without a name, a folder nobody may write to, a journal
 * that another file of that name has left behind) SQLite makes an empty file, or says why
 * not.
 */
bool blank_copy_to(const char *path);

#endif
