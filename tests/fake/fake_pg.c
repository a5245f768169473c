#include "config.h"

#include "fake_pg.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "incant/error.h"
#include "incant/mem.h"

/*
 * The frontend/backend protocol, version 3: a letter, 32 bits of length, text (PostgreSQL's documentation,
 * "Message Formats").
 */

static void
put_message(struct buf *to, char type, const void *body, size_t len)
{
	uint32_t total = htonl((uint32_t)len + 4);
	buf_append_char(to, type);
	buf_append(to, &total, sizeof(total));
	buf_append(to, body, len);
}

static void
put_ready(struct buf *to)
{
	put_message(to, 'Z', "I", 1);
}

void
fake_pg_put_complete(struct buf *to, const char *tag)
{
	put_message(to, 'C', tag, strlen(tag) + 1);
	put_ready(to);
}

void
fake_pg_put_error(struct buf *to)
{
	static const char fields[] = "SERROR\0"
				     "VERROR\0"
				     "C42710\0"
				     "Mrole \"a\" already\nexists\0"
				     "DIt has.\0"
				     "HTry.\0";
	put_message(to, 'E', fields, sizeof(fields));
	put_ready(to);
}

void
fake_pg_put_notice(struct buf *to)
{
	static const char fields[] = "SNOTICE\0"
				     "VNOTICE\0"
				     "C00000\0"
				     "Mhello\0";
	put_message(to, 'N', fields, sizeof(fields));
}

void
fake_pg_put_row(struct buf *to, const char *text)
{
	static const char columns[] = "\0\2"
				      "a\0"
				      "\0\0\0\0"
				      "\0\0"
				      "\0\0\0\x19"
				      "\xff\xff"
				      "\xff\xff\xff\xff"
				      "\0\0"
				      "b\0"
				      "\0\0\0\0"
				      "\0\0"
				      "\0\0\0\x19"
				      "\xff\xff"
				      "\xff\xff\xff\xff"
				      "\0";
	struct buf row = BUF_EMPTY;
	uint32_t len = htonl((uint32_t)strlen(text));
	put_message(to, 'T', columns, sizeof(columns));
	buf_append(&row, "\0\2", 2);
	buf_append(&row, &len, sizeof(len));
	buf_append_text(&row, text);
	buf_append(&row, "\xff\xff\xff\xff", 4);
	put_message(to, 'D', row.bytes, row.len);
	buf_clear(&row);
}

void
fake_pg_put_copy_in(struct buf *to)
{
	put_message(to, 'G', "\0\0\1\0\0", 5);
}

static bool
read_exactly(int fd, void *bytes, size_t len)
{
	char *at = bytes;
	while (len > 0) {
		ssize_t got = read(fd, at, len);
		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

static bool
send_all(int fd, const struct buf *buf)
{
	for (size_t off = 0; off < buf->len;) {
		ssize_t put = send(fd, buf->bytes + off, buf->len - off, MSG_NOSIGNAL);
		if (put <= 0)
			return false;
		off += (size_t)put;
	}
	return true;
}

/* Reads 32 bits of length and what they announce. The caller frees it; NULL at the end. */
static char *
read_body(int fd, size_t *len)
{
	uint32_t total = 0;
	if (!read_exactly(fd, &total, sizeof(total)))
		return NULL;
	*len = ntohl(total) - 4;
	char *body = mem_alloc(*len + 1);
	body[*len] = '\0';
	if (read_exactly(fd, body, *len))
		return body;
	free(body);
	return NULL;
}

static bool
greet(int fd)
{
	static const char version[] = "server_version\0"
				      "15.18 (Test)";
	struct buf hello = BUF_EMPTY;
	size_t len = 0;
	char *startup = read_body(fd, &len);
	put_message(&hello, 'R', "\0\0\0\0", 4);
	put_message(&hello, 'S', version, sizeof(version));
	put_ready(&hello);
	bool fine = startup != NULL && send_all(fd, &hello);
	buf_clear(&hello);
	free(startup);
	return fine;
}

/* Whether to go on. */
static bool
answer(struct fake_pg *fake, int fd, char type, const char *body, size_t len, size_t *next)
{
	if (type == 'Q') {
		buf_append_format(&fake->asked, "%s;", body);
		if (fake->hangs_up)
			return false;
	}
	if (type == 'd') {
		bool first = fake->copied.len == 0;
		if (first || fake->refusal.len == 0)
			buf_append(&fake->copied, body, len);
		return !first || send_all(fd, &fake->refusal);
	}
	if (strchr("QScf", type) == NULL || *next >= fake->reply_count)
		return true;
	return send_all(fd, &fake->replies[(*next)++]);
}

static void *
serve(void *context)
{
	struct fake_pg *fake = context;
	int fd = accept(fake->listener, NULL, NULL);
	bool going = fd >= 0 && greet(fd);
	size_t next = 0;
	char type;
	while (going && read_exactly(fd, &type, 1)) {
		size_t len = 0;
		char *body = read_body(fd, &len);
		going = body != NULL && answer(fake, fd, type, body, len, &next);
		free(body);
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

void
fake_pg_listen(struct fake_pg *fake)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(fake->folder, sizeof(fake->folder), "/tmp/test_pg.XXXXXX");
	assert_non_null(mkdtemp(fake->folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", fake->folder);
	fake->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fake->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fake->listener, 1), 0);
}

struct pg *
fake_pg_connect(const struct fake_pg *fake)
{
	char *conninfo = mem_format("host=%s port=5432 user=x connect_timeout=0", fake->folder);
	const struct pg_options options = {
		.conninfo = conninfo,
		.database = "a=b",
		.password = "s3cret",
		.error_class = ERR_RESTORE,
	};
	struct pg *pg = pg_connect(&options);
	free(conninfo);
	return pg;
}

struct pg *
fake_pg_begin(struct fake_pg *fake)
{
	fake_pg_listen(fake);
	assert_int_equal(pthread_create(&fake->thread, NULL, serve, fake), 0);
	struct pg *pg = fake_pg_connect(fake);
	assert_non_null(pg);
	return pg;
}

static void
stop_listening(struct fake_pg *fake)
{
	char path[64];
	close(fake->listener);
	snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", fake->folder);
	unlink(path);
	rmdir(fake->folder);
}

void
fake_pg_hang_up(struct fake_pg *fake, struct pg *pg)
{
	pg_free(pg);
	pthread_join(fake->thread, NULL);
}

void
fake_pg_clear(struct fake_pg *fake)
{
	stop_listening(fake);
	for (size_t i = 0; i < FAKE_PG_REPLIES; i++)
		buf_clear(&fake->replies[i]);
	buf_clear(&fake->refusal);
	buf_clear(&fake->asked);
	buf_clear(&fake->copied);
}

void
fake_pg_end(struct fake_pg *fake, struct pg *pg)
{
	fake_pg_hang_up(fake, pg);
	fake_pg_clear(fake);
}
