/*
 * The current error: why the last call on this thread failed.
 *
 * A function that can fail returns -1 or NULL and has called error_set() where the fault was found.
 * Callers that know more put it in front with error_add(). Nobody prints: main reports the error once,
 * and the same object gives the exit code, the JSON and the notification.
 * Each thread has its own; error_take() and error_put() carry one from a worker to the thread that waits.
 */
#ifndef INCANT_ERROR_H
#define INCANT_ERROR_H

/* Who has to act. The values are the program's exit codes (incant-backup(1), EXIT STATUS). */
enum error_class {
	ERR_NONE = 0,
	ERR_INTERNAL = 1,     /* a fault in this program, or of the machine under it */
	ERR_USAGE = 2,        /* the command line */
	ERR_SETTINGS = 3,     /* the settings file, or a file that it names */
	ERR_SOURCE = 4,       /* the server, or its dump */
	ERR_STORE = 5,        /* a store: full, unreachable, refused */
	ERR_NOT_FOUND = 6,    /* no such backup, database or table */
	ERR_DAMAGED = 7,      /* a backup does not hold what was written to it */
	ERR_PROOF = 8,        /* a test restore differs */
	ERR_RESTORE = 9,      /* a restore failed */
	ERR_BUSY = 10,        /* another run holds the lock */
	ERR_CHECK = 11,       /* a check failed, or a backup is too old */
	ERR_CLOUD = 12,       /* DigitalOcean */
	ERR_KEYS = 13,        /* no identity, wrong identity, bad recipient */
	ERR_GUARD = 14,       /* the guarded command failed */
	ERR_INTERRUPTED = 130 /* a signal; see interrupt.h for the exact exit code */
};

struct error {
	enum error_class class;
	char message[2048]; /* one line, cause last, no final stop */
	char hint[512];     /* a sentence that tells what to do, or "" */
};

/* Sets this thread's error, without a hint. Control characters in the text become '?'. Returns -1. */
int error_set(enum error_class class, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As error_set(), and adds ": " and strerror(errno_value). Returns -1. */
int error_set_errno(enum error_class class, int errno_value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Puts "text: " in front of the current message; the class and the hint stay. Where there is no current error
 * the text becomes one, of class ERR_INTERNAL. Returns -1.
 */
int error_add(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Sets the hint of the current error, unless it has one. Returns -1. */
int error_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Gives the current error another class (a store's read error while verifying is damage, say). Returns -1. */
int error_reclass(enum error_class class);

/* The current error of this thread; class ERR_NONE where there is none. Valid until the next call here. */
const struct error *error_get(void);

/* Forgets the current error. */
void error_clear(void);

/* Moves the current error into *to and clears it. */
void error_take(struct error *to);

/* Makes *from the current error of this thread. Returns -1. */
int error_put(const struct error *from);

/* The word for a class in JSON: "source", "store", … Never NULL. */
const char *error_class_name(enum error_class class);

#endif
