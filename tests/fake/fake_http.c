/*
 * The peer's thread serves one connection at a time, blocking. Two descriptors end every wait: the
 * connection's, and an eventfd that fake_http_end() makes readable, so that a test that fails half-way does
 * not hang. The thread alone writes `problem`; it is read when the thread has been joined.
 */
#include "config.h"

#include "fake_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { REQUEST_BYTES = 64 * 1024 };

struct fake_http {
	const struct fake_exchange *dialogue;
	size_t count;
	char directory[64];
	struct sockaddr_un address; /* empty for a port */
	unsigned port;
	int listener, connection, stop; /* connection: -1 = none */
	pthread_t thread;
	char request[REQUEST_BYTES + 1]; /* header and body of the present one */
	size_t request_len;
	char problem[1024];
};

static void
demand(bool ok, const char *what)
{
	if (!ok) {
		perror(what);
		abort();
	}
}

static void
hang_up(struct fake_http *fake)
{
	if (fake->connection >= 0)
		close(fake->connection);
	fake->connection = -1;
}

/* Waits until fd is readable. False when the peer is to stop. */
static bool
wait_for(const struct fake_http *fake, int fd)
{
	struct pollfd fds[2] = { { .fd = fd, .events = POLLIN }, { .fd = fake->stop, .events = POLLIN } };

	demand(poll(fds, 2, -1) > 0, "poll");
	return fds[1].revents == 0;
}

/* Whether the request has come whole: its header, and as much of a body as that announces. */
static bool
is_whole(const char *request, size_t len)
{
	const char *end = strstr(request, "\r\n\r\n");
	const char *length = strcasestr(request, "\r\nContent-Length:");

	if (end == NULL)
		return false;
	size_t body_len = length != NULL && length < end ? strtoul(strchr(length, ':') + 1, NULL, 10) : 0;
	return len - (size_t)(end + 4 - request) >= body_len;
}

static bool
read_request(struct fake_http *fake)
{
	fake->request_len = 0;
	fake->request[0] = '\0';
	while (!is_whole(fake->request, fake->request_len)) {
		if (!wait_for(fake, fake->connection))
			return false;
		ssize_t got = read(fake->connection, fake->request + fake->request_len,
			REQUEST_BYTES - fake->request_len);
		if (got <= 0)
			return false;
		fake->request_len += (size_t)got;
		fake->request[fake->request_len] = '\0';
	}
	return true;
}

/* A client that has gone is no fault of the peer's: MSG_NOSIGNAL, and no look at the result. */
static void
say(const struct fake_http *fake, const char *bytes, size_t len, size_t piece)
{
	for (size_t at = 0; at < len; at += piece) {
		size_t part = len - at < piece ? len - at : piece;
		size_t sent = 0;

		while (sent < part) {
			ssize_t done = send(fake->connection, bytes + at + sent, part - sent, MSG_NOSIGNAL);
			if (done < 0)
				return;
			sent += (size_t)done;
		}
	}
}

static void
say_header(const struct fake_http *fake, const struct fake_exchange *exchange, size_t body_len)
{
	char header[4096];
	char length[64] = "";

	if (!exchange->until_close)
		snprintf(length, sizeof(length), "Content-Length: %zu\r\n", body_len);
	int len = snprintf(header, sizeof(header), "HTTP/1.1 %d Fake\r\n%s%s%s\r\n", exchange->status,
		exchange->header != NULL ? exchange->header : "", length,
		exchange->keep ? "" : "Connection: close\r\n");
	say(fake, header, (size_t)len, exchange->piece != 0 ? exchange->piece : sizeof(header));
}

static void
answer(struct fake_http *fake, const struct fake_exchange *exchange)
{
	const char *body = exchange->body != NULL ? exchange->body : "";
	size_t body_len = exchange->body_len != 0 ? exchange->body_len : strlen(body);
	size_t said_len = exchange->fault == FAKE_NONE ? body_len : exchange->cut;
	char ignored;

	if (exchange->status != 0)
		say_header(fake, exchange, body_len);
	say(fake, body, said_len, exchange->piece != 0 ? exchange->piece : said_len + 1);
	if (exchange->fault == FAKE_STALL)
		while (wait_for(fake, fake->connection) && read(fake->connection, &ignored, 1) > 0)
			continue;
	if (!exchange->keep)
		hang_up(fake);
}

static bool
is_expected(const struct fake_http *fake, const struct fake_exchange *exchange)
{
	return strncmp(fake->request, exchange->request, strlen(exchange->request)) == 0 &&
	       (exchange->with == NULL || strstr(fake->request, exchange->with) != NULL);
}

/* Waits for a request. False when none came. */
static bool
hear(struct fake_http *fake)
{
	if (fake->connection < 0 && wait_for(fake, fake->listener))
		fake->connection = accept(fake->listener, NULL, NULL);
	return fake->connection >= 0 && read_request(fake);
}

/* Closed with bytes unread, a unix socket is reset. */
static bool
reset(struct fake_http *fake)
{
	if (wait_for(fake, fake->listener))
		fake->connection = accept(fake->listener, NULL, NULL);
	bool came = fake->connection >= 0 && wait_for(fake, fake->connection);

	hang_up(fake);
	return came;
}

/* Serves one request: that of exchange `at`, which is then over, or the one before it once more. False when
 * none came, or another one. */
static bool
serve(struct fake_http *fake, size_t *at)
{
	const struct fake_exchange *exchange = &fake->dialogue[*at];
	const struct fake_exchange *before = *at > 0 && exchange[-1].again ? exchange - 1 : NULL;
	bool heard = exchange->fault == FAKE_RESET ? reset(fake) : hear(fake);

	if (!heard) {
		snprintf(fake->problem, sizeof(fake->problem), "did not come: %s", exchange->request);
		return false;
	}
	if (exchange->fault == FAKE_RESET) {
		++*at;
		return true;
	}
	if (is_expected(fake, exchange)) {
		++*at;
	} else if (before != NULL && is_expected(fake, before)) {
		exchange = before;
	} else {
		snprintf(fake->problem, sizeof(fake->problem), "in place of '%s' with '%s' came: %.600s",
			exchange->request, exchange->with != NULL ? exchange->with : "", fake->request);
		return false;
	}
	if (exchange->then != NULL)
		exchange->then();
	answer(fake, exchange);
	return true;
}

static void *
speak(void *context)
{
	struct fake_http *fake = context;
	bool good = true;

	for (size_t at = 0; good && at < fake->count;)
		good = serve(fake, &at);
	hang_up(fake);
	close(fake->listener);
	return NULL;
}

static struct fake_http *
new_fake(const struct fake_exchange *dialogue, size_t count, int domain)
{
	struct fake_http *fake = calloc(1, sizeof(*fake));

	demand(fake != NULL, "calloc");
	fake->dialogue = dialogue;
	fake->count = count;
	fake->connection = -1;
	fake->stop = eventfd(0, EFD_CLOEXEC);
	fake->listener = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
	demand(fake->stop >= 0 && fake->listener >= 0, "socket");
	return fake;
}

static struct fake_http *
start(struct fake_http *fake)
{
	demand(listen(fake->listener, 8) == 0, "listen");
	demand(pthread_create(&fake->thread, NULL, speak, fake) == 0, "pthread_create");
	return fake;
}

struct fake_http *
fake_http_start(const struct fake_exchange *dialogue, size_t count)
{
	struct fake_http *fake = new_fake(dialogue, count, AF_UNIX);

	snprintf(fake->directory, sizeof(fake->directory), "/tmp/fake-http-XXXXXX");
	demand(mkdtemp(fake->directory) != NULL, "mkdtemp");
	fake->address.sun_family = AF_UNIX;
	snprintf(fake->address.sun_path, sizeof(fake->address.sun_path), "%s/socket", fake->directory);
	demand(bind(fake->listener, (const struct sockaddr *)&fake->address, sizeof(fake->address)) == 0,
		"bind");
	return start(fake);
}

struct fake_http *
fake_http_start_tcp(const struct fake_exchange *dialogue, size_t count)
{
	struct fake_http *fake = new_fake(dialogue, count, AF_INET);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	demand(bind(fake->listener, (const struct sockaddr *)&address, len) == 0, "bind");
	demand(getsockname(fake->listener, (struct sockaddr *)&address, &len) == 0, "getsockname");
	fake->port = ntohs(address.sin_port);
	return start(fake);
}

unsigned
fake_http_port(const struct fake_http *fake)
{
	return fake->port;
}

const char *
fake_http_socket(const struct fake_http *fake)
{
	return fake->address.sun_path;
}

const char *
fake_http_end(struct fake_http *fake)
{
	static char problem[sizeof(fake->problem)];

	demand(eventfd_write(fake->stop, 1) == 0, "eventfd_write");
	demand(pthread_join(fake->thread, NULL) == 0, "pthread_join");
	snprintf(problem, sizeof(problem), "%s", fake->problem);
	if (fake->directory[0] != '\0') {
		unlink(fake->address.sun_path);
		rmdir(fake->directory);
	}
	close(fake->stop);
	free(fake);
	return problem;
}
