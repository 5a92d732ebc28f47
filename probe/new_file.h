/*
 * new_file.h - a file that is there whole or not at all: written under another name beside
 * its place, then renamed.  What is no regular file (a pipe, /dev/stdout) is written as it
 * is, a symbolic link is followed.
 */
#ifndef EARSHOT_PROBE_NEW_FILE_H
#define EARSHOT_PROBE_NEW_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct new_file {
	FILE *out;
	char path[PATH_MAX]; /* where it is going to be */
	char name[PATH_MAX]; /* where it is now; empty: written in place */
};

/* False: errno says why, and nothing is left behind; likewise below. */
bool new_file_open(struct new_file *file, const char *path);

/* Could a file be written there, as far as can be told before? */
bool new_file_possible(const char *path);

/* Puts it in its place; `whole` false: takes it away again. */
bool new_file_close(struct new_file *file, bool whole);

#endif
