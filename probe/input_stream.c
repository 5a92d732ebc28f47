#include "probe/input_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { MAGIC_BYTES = 4, PACKED_BYTES = 128 * 1024 };

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct input_stream {
	int descriptor;
	bool borrowed; /* it stays open */
	bool regular;
	uint64_t size, done;
	uint8_t magic[MAGIC_BYTES]; /* read to tell the packing; given out first */
	size_t magic_at, magic_len;
	enum packing packing;
	bool unpacking; /* inside a gzip member or zstd frame: the file must not end here */
	bool raw_end;
	uint8_t *packed; /* owned; what is not unpacked yet lies at packed_at */
	size_t packed_at, packed_len;
	z_stream gzip;
	bool gzip_ready;
	ZSTD_DStream *zstd; /* owned */
};

static enum status read_descriptor(struct input_stream *s, uint8_t *to, size_t size,
                                   size_t *got)
{
	ssize_t n;
	do {
		n = read(s->descriptor, to, size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return ERR_IO;
	*got = (size_t)n;
	s->done += (uint64_t)n;
	return OK;
}

/* The file as it lies on disk, first the bytes that were read to tell what it is. */
static enum status read_raw(struct input_stream *s, uint8_t *to, size_t size, size_t *got)
{
	const size_t kept = s->magic_len - s->magic_at;
	if (kept == 0)
		return read_descriptor(s, to, size, got);
	*got = size < kept ? size : kept;
	memcpy(to, s->magic + s->magic_at, *got);
	s->magic_at += *got;
	return OK;
}

static enum status read_magic(struct input_stream *s)
{
	static const uint8_t gzip[] = { 0x1f, 0x8b };
	static const uint8_t zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
	size_t got = 1;
	while (s->magic_len < MAGIC_BYTES && got > 0) {
		const enum status status = read_descriptor(
		        s, s->magic + s->magic_len, MAGIC_BYTES - s->magic_len, &got);
		if (status != OK)
			return status;
		s->magic_len += got;
	}
	if (s->magic_len >= sizeof gzip && memcmp(s->magic, gzip, sizeof gzip) == 0)
		s->packing = PACKING_GZIP;
	else if (s->magic_len >= sizeof zstd && memcmp(s->magic, zstd, sizeof zstd) == 0)
		s->packing = PACKING_ZSTD;
	return OK;
}

static enum status prepare_unpacking(struct input_stream *s)
{
	if (s->packing == PACKING_NONE)
		return OK;
	s->packed = malloc(PACKED_BYTES);
	if (!s->packed)
		return ERR_NOMEM;
	if (s->packing == PACKING_ZSTD) {
		s->zstd = ZSTD_createDStream();
		return s->zstd ? OK : ERR_NOMEM;
	}
	s->gzip_ready = inflateInit2(&s->gzip, 16 + MAX_WBITS) == Z_OK; /* 16: gzip only */
	return s->gzip_ready ? OK : ERR_NOMEM;
}

static enum status open_descriptor(struct input_stream *s, const char *path)
{
	struct stat about;
	s->descriptor = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
	                                       : open(path, O_RDONLY | O_CLOEXEC);
	if (s->descriptor < 0 || fstat(s->descriptor, &about) != 0)
		return ERR_IO;
	s->regular = S_ISREG(about.st_mode) && strcmp(path, "-") != 0;
	if (s->regular) {
		s->size = (uint64_t)about.st_size;
		posix_fadvise(s->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return OK;
}

static enum status borrow_descriptor(struct input_stream *s, int descriptor)
{
	struct stat about;
	s->descriptor = descriptor;
	s->borrowed = s->regular = true;
	if (fstat(descriptor, &about) != 0 || lseek(descriptor, 0, SEEK_SET) != 0)
		return ERR_IO;
	s->size = (uint64_t)about.st_size;
	return OK;
}

/* path: NULL = the descriptor is borrowed. */
static enum status open_stream(const char *path, int descriptor, struct input_stream **out)
{
	struct input_stream *s = calloc(1, sizeof *s);
	if (!s)
		return ERR_NOMEM;
	enum status status =
	        path ? open_descriptor(s, path) : borrow_descriptor(s, descriptor);
	if (status == OK)
		status = read_magic(s);
	if (status == OK)
		status = prepare_unpacking(s);
	if (status != OK) {
		const int why = errno;
		input_stream_close(s);
		errno = why;
		return status;
	}
	*out = s;
	return OK;
}

enum status input_stream_open(const char *path, struct input_stream **out)
{
	return open_stream(path, -1, out);
}

enum status input_stream_borrow(int descriptor, struct input_stream **out)
{
	return open_stream(NULL, descriptor, out);
}

/* One step of zlib; several members in a row are one file (RFC 1952 section 2.2). */
static enum status unpack_gzip(struct input_stream *s, uint8_t *to, size_t size,
                               size_t *got)
{
	if (!s->unpacking && inflateReset(&s->gzip) != Z_OK)
		return ERR_MALFORMED;
	s->unpacking = true;
	s->gzip.next_in = s->packed + s->packed_at;
	s->gzip.avail_in = (uInt)(s->packed_len - s->packed_at);
	s->gzip.next_out = to;
	s->gzip.avail_out = (uInt)size;
	const int result = inflate(&s->gzip, Z_NO_FLUSH);
	s->packed_at = s->packed_len - s->gzip.avail_in;
	*got = size - s->gzip.avail_out;
	if (result == Z_STREAM_END)
		s->unpacking = false;
	else if (result == Z_MEM_ERROR)
		return ERR_NOMEM;
	else if (result != Z_OK && result != Z_BUF_ERROR)
		return ERR_MALFORMED;
	return OK;
}

static enum status unpack_zstd(struct input_stream *s, uint8_t *to, size_t size,
                               size_t *got)
{
	ZSTD_inBuffer in = { s->packed, s->packed_len, s->packed_at };
	ZSTD_outBuffer out = { to, size, 0 };
	const size_t result = ZSTD_decompressStream(s->zstd, &out, &in);
	s->packed_at = in.pos;
	*got = out.pos;
	if (ZSTD_isError(result))
		return ERR_MALFORMED;
	s->unpacking = result != 0;
	return OK;
}

/* Zeros or other bytes behind the last gzip member are padding, as for gzip(1). */
static bool is_trailing_padding(const struct input_stream *s)
{
	return s->packing == PACKING_GZIP && !s->unpacking && s->gzip.total_in > 0 &&
	       s->packed_at < s->packed_len && s->packed[s->packed_at] != 0x1f;
}

static enum status read_packed(struct input_stream *s, uint8_t *to, size_t size,
                               size_t *got)
{
	*got = 0;
	while (*got == 0) {
		if (s->packed_at == s->packed_len && !s->raw_end) {
			const enum status status =
			        read_raw(s, s->packed, PACKED_BYTES, &s->packed_len);
			if (status != OK)
				return status;
			s->packed_at = 0;
			s->raw_end = s->packed_len == 0;
		}
		if (s->raw_end && !s->unpacking)
			return OK;
		if (is_trailing_padding(s))
			return OK;
		const size_t before = s->packed_at;
		const enum status status = s->packing == PACKING_GZIP
		                                   ? unpack_gzip(s, to, size, got)
		                                   : unpack_zstd(s, to, size, got);
		if (status != OK)
			return status;
		if (*got == 0 && s->packed_at == before && s->raw_end && s->unpacking)
			return ERR_TRUNCATED;
	}
	return OK;
}

enum status input_stream_read(struct input_stream *s, uint8_t *to, size_t size, size_t *got)
{
	if (s->packing == PACKING_NONE)
		return read_raw(s, to, size, got);
	return read_packed(s, to, size, got);
}

uint64_t input_stream_done(const struct input_stream *s)
{
	return s->done;
}

uint64_t input_stream_size(const struct input_stream *s)
{
	return s->size;
}

bool input_stream_is_regular(const struct input_stream *s)
{
	return s->regular;
}

void input_stream_close(struct input_stream *s)
{
	if (!s)
		return;
	if (s->descriptor >= 0 && !s->borrowed)
		close(s->descriptor);
	if (s->gzip_ready)
		inflateEnd(&s->gzip);
	ZSTD_freeDStream(s->zstd);
	free(s->packed);
	free(s);
}
