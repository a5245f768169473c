/*
 * One writer a source, where the only store is S3: the object SOURCE/lock, which can be made once
 * (If-None-Match: *) and is removed at the end. Nothing removes it when its holder is killed, so its text
 * says who that was: a run on the same machine sees that the process is gone, and takes the lock over. A run
 * on another machine cannot see that; it takes over a lock that is a day old, by the server's clock.
 *
 * Whoever takes a lock over removes it and makes it anew; of two that do so at once the one whose text is in
 * the object afterwards has it.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "incant/buf.h"
#include "incant/clock.h"
#include "incant/error.h"
#include "incant/file.h"
#include "incant/log.h"
#include "incant/mem.h"
#include "incant/text.h"
#include "store_s3.h"

#define LOCK_NAME   "lock"
#define STALE_S     (24 * 60 * 60)
#define LIMIT_BYTES 1024

struct s3_lock {
	struct store_lock lock;
	struct store_s3_place *place;
	char *key;
	char *text;
};

/* A small file of /proc as one line; "?" where it cannot be read. The caller frees it. */
static char *
proc_text(const char *path)
{
	struct buf text = BUF_EMPTY;
	char *line;

	if (file_read(path, 4096, ERR_STORE, &text) != 0)
		error_clear();
	line = mem_text_n(buf_text(&text), strcspn(buf_text(&text), "\n"));
	buf_clear(&text);
	if (line[0] != '\0')
		return line;
	free(line);
	return mem_text("?");
}

/* When a process began, in the kernel's ticks: with it a pid means one process. "?" when there is none. */
static char *
process_start(long pid)
{
	char *path = mem_format("/proc/%ld/stat", pid), *stat = proc_text(path);
	/* The name, in parentheses, may hold anything; the start is the 20th field behind it. */
	const char *at = strrchr(stat, ')');
	char *start = NULL;

	for (int field = 0; at != NULL && field < 20; field++)
		at = strchr(at + 1, ' ');
	if (at != NULL)
		start = mem_text_n(at + 1, strcspn(at + 1, " "));
	free(stat);
	free(path);
	return start != NULL ? start : mem_text("?");
}

/* The machine, as far as pids mean the same on it: its boot, and the space that its pids are from. */
static char *
machine(void)
{
	char space[64] = "", *boot = proc_text("/proc/sys/kernel/random/boot_id"), *text;
	ssize_t len = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);

	space[len > 0 ? len : 0] = '\0';
	text = mem_format("%s %s", boot, space[0] != '\0' ? space : "?");
	free(boot);
	return text;
}

/* What this process writes: the first line is for people, the others for the next run. */
static char *
lock_text(const char *doing)
{
	char host[65] = "?", since[CLOCK_RFC3339_SIZE];
	char *where = machine(), *start = process_start((long)getpid()), *text;

	(void)gethostname(host, sizeof(host) - 1);
	text = mem_format("%s, pid %ld on %s since %s\n%s\n%s\n", doing, (long)getpid(), host,
		clock_format_utc(since, clock_now()), where, start);
	free(where);
	free(start);
	return text;
}

/* Whether the process that wrote the text was one of this machine, and is gone. */
static bool
holder_is_gone(const char *text)
{
	const char *where = strchr(text, '\n');
	const char *start = where != NULL ? strchr(where + 1, '\n') : NULL;
	char *here = machine(), *now;
	const char *pid_word = strstr(text, "pid ");
	long pid = pid_word != NULL ? strtol(pid_word + 4, NULL, 10) : 0;
	bool gone = false;

	if (start != NULL && pid > 0 && strchr(here, '?') == NULL &&
		strncmp(where + 1, here, strlen(here)) == 0 && where[1 + strlen(here)] == '\n') {
		now = process_start(pid);
		gone = strncmp(start + 1, now, strlen(now)) != 0 || start[1 + strlen(now)] != '\n';
		free(now);
	}
	free(here);
	return gone;
}

/* The text in the lock and its age. 0, STORE_S3_MISSING or -1. */
static int
read_lock(struct s3_lock *held, struct buf *text, int64_t *age_s)
{
	const struct store_s3_request request = { .method = "GET", .key = held->key };
	struct http_answer answer;
	struct store_s3_head head;
	int rc = store_s3_send(held->place, &request, "read the lock", &answer);

	if (rc == 0) {
		store_s3_read_head(&answer, &head);
		*age_s = head.age_s;
		buf_append(text, buf_text(&answer.body),
			answer.body.len < LIMIT_BYTES ? answer.body.len : LIMIT_BYTES);
	} else if (rc > STORE_S3_MISSING) {
		rc = store_s3_refuse(held->place, "read the lock", &answer);
	}
	http_answer_clear(&answer);
	return rc;
}

/* 0, STORE_S3_EXISTS or -1. */
static int
make_lock(struct s3_lock *held)
{
	const struct store_s3_request request = {
		.method = "PUT",
		.key = held->key,
		.headers = { { "if-none-match", "*" } },
		.body = held->text,
		.body_len = strlen(held->text),
	};
	struct http_answer answer;
	int rc = store_s3_send(held->place, &request, "make the lock", &answer);

	if (rc > 0 && rc != STORE_S3_EXISTS)
		rc = store_s3_refuse(held->place, "make the lock", &answer);
	http_answer_clear(&answer);
	return rc;
}

/* 0 or -1. */
static int
remove_lock(struct s3_lock *held)
{
	const struct store_s3_request request = { .method = "DELETE", .key = held->key };
	struct http_answer answer;
	int rc = store_s3_send(held->place, &request, "remove the lock", &answer);

	http_answer_clear(&answer);
	return rc < 0 ? -1 : 0;
}

/* One try. 0 it is ours, STORE_BUSY with *holder, 1 it was nobody's any more and has been removed, or -1. */
static int
try_lock(struct s3_lock *held, char **holder)
{
	struct buf text = BUF_EMPTY;
	int64_t age_s = 0;
	int made = make_lock(held), rc = made < 0 ? -1 : read_lock(held, &text, &age_s);

	/* A lost answer makes the second try find the first one's lock: the text tells. */
	if (rc == 0 && strcmp(buf_text(&text), held->text) == 0) {
		rc = 0;
	} else if (rc == STORE_S3_MISSING) {
		rc = 1;
	} else if (rc == 0 && (holder_is_gone(buf_text(&text)) || age_s > STALE_S)) {
		log_warning("store %s: took over a lock that was left behind (%.*s)", held->place->name,
			(int)strcspn(buf_text(&text), "\n"), buf_text(&text));
		rc = remove_lock(held) == 0 ? 1 : -1;
	} else if (rc == 0) {
		*holder = text_printable(buf_text(&text), strcspn(buf_text(&text), "\n"));
		rc = STORE_BUSY;
	}
	buf_clear(&text);
	return rc;
}

static void
lock_free(struct s3_lock *held)
{
	store_s3_place_release(held->place);
	free(held->key);
	free(held->text);
	free(held);
}

int
store_s3_lock(struct store_driver *driver, const char *source, const char *doing, struct store_lock **lock,
	char **holder)
{
	struct store_s3_place *place = ((struct store_s3 *)driver)->place;
	struct s3_lock *held = mem_zero(sizeof(*held));
	char *name = mem_format("%s/" LOCK_NAME, source);
	int rc = 1;

	held->lock.ops = &store_s3_ops;
	held->place = store_s3_place_hold(place);
	held->key = store_s3_key(place, name);
	held->text = lock_text(doing);
	free(name);
	for (int tries = 0; rc == 1 && tries < 5; tries++)
		rc = try_lock(held, holder);
	if (rc == 1)
		rc = error_set(ERR_STORE, "the lock '%s' in store %s comes and goes", held->key, place->name);
	if (rc == 0)
		*lock = &held->lock;
	else
		lock_free(held);
	return rc;
}

/* Whatever ended the run: a lock that stays keeps others waiting. */
void
store_s3_unlock(struct store_lock *lock)
{
	struct s3_lock *held = (struct s3_lock *)lock;
	struct error cause;
	struct buf text = BUF_EMPTY;
	int64_t age_s = 0;

	error_take(&cause);
	held->place->heedless = true;
	/* One that others have taken over is theirs. */
	if (read_lock(held, &text, &age_s) == 0 && strcmp(buf_text(&text), held->text) == 0 &&
		remove_lock(held) != 0)
		log_warning("store %s: the lock '%s' could not be removed: %s", held->place->name, held->key,
			error_get()->message);
	error_clear();
	if (cause.class != ERR_NONE)
		error_put(&cause);
	buf_clear(&text);
	lock_free(held);
}
