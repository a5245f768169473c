/* The two locales that libarchive needs, made once, and its errors as text that can be shown. */
#include "config.h"

#include "files_archive.h"

#include <pthread.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t utf8_locale, c_locale;

static void
make_locales(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	/* glibc has it from 2.35 on, Debian and Ubuntu for longer. Without it names are stored as BINARY. */
	utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (utf8_locale == (locale_t)0)
		utf8_locale = c_locale;
}

static locale_t
use(const locale_t *locale)
{
	(void)pthread_once(&once, make_locales);
	return uselocale(*locale);
}

locale_t
files_locale_begin_write(void)
{
	return use(&utf8_locale);
}

locale_t
files_locale_begin_read(void)
{
	return use(&c_locale);
}

void
files_locale_end(locale_t before)
{
	(void)uselocale(before);
}

const char *
files_archive_error(struct archive *archive)
{
	const char *text = archive_error_string(archive);

	return text != NULL ? text : "libarchive gives no reason";
}
