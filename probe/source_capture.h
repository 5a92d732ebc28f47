/*
 * source_capture.h - one capture file of any format, read through a window of fixed size
 * that moves over it.
 */
#ifndef EARSHOT_PROBE_SOURCE_CAPTURE_H
#define EARSHOT_PROBE_SOURCE_CAPTURE_H

#include "probe/source.h"

struct capture_file;

/*
 * `interfaces` counts the interfaces of the whole source.  Errors as source_open_files.
 * Borrows path and interfaces.
 */
MUST_CHECK enum status capture_file_open(const char *path, uint32_t *interfaces,
                                         struct capture_file **out,
                                         struct source_error *error);

/* The same of a regular file that is open: it stays the caller's, and must outlive the
 * capture.  `name` is what errors call it. */
MUST_CHECK enum status capture_file_borrow(int descriptor, const char *name,
                                           uint32_t *interfaces, struct capture_file **out,
                                           struct source_error *error);

/* Frames of interfaces of these names are of those points; before the first frame. */
void capture_file_set_points(struct capture_file *file,
                             const struct interface_points *points);

/* See source_read_into. */
void capture_file_read_into(struct capture_file *file, const struct source_room *room);

/*
 * Up to max frames, numbered from 1 within the file; 0 is the end.  Their bytes stay until
 * the next call.  Damage ends the file; capture_file_damage then tells, else its text is
 * empty.
 */
size_t capture_file_next(struct capture_file *file, struct frame *frames, size_t max);
const struct source_error *capture_file_damage(const struct capture_file *file);

uint64_t capture_file_dropped(const struct capture_file *file);
uint64_t capture_file_done(const struct capture_file *file);
uint64_t capture_file_size(const struct capture_file *file); /* on disk; 0 = unknown */
bool capture_file_is_regular(const struct capture_file *file);

void capture_file_close(struct capture_file *file); /* NULL is fine */

#endif
