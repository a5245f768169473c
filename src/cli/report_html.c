/*
 * The report's page, from top to bottom: how things stand, the calendar, sizes and rows over time, each
 * database, what rotation does next, and every backup in a table.
 */
#include "config.h"

#include "report_html.h"

#include <inttypes.h>
#include <stdlib.h>

#include "incant/clock.h"
#include "incant/mem.h"
#include "incant/text.h"

#include "output.h"
#include "report_svg.h"

enum { CALENDAR_DAYS = 371 }; /* 53 weeks */

/* Colours of both kinds of screen; ok, warning and failure can be told apart without red and green. */
static const char style[] =
	":root{color-scheme:light dark;--ink:#1c2430;--dim:#6a7482;--page:#fff;--grid:#dfe3e8;--line:#2456a6;"
	"--none:#e6e9ed;--backup:#8db4e8;--proven:#1f5fb4;--failed:#d55e00}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--dim:#98a2b0;--page:#14181e;--grid:#2c333d;"
	"--line:#7fb0f5;--none:#232a33;--backup:#345d92;--proven:#7fb0f5;--failed:#f0883e}}\n"
	"body{font:15px/1.5 "
	"system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:68rem;margin:2rem "
	"auto;padding:0 1rem}\n"
	"h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.3rem "
	"0}.dim{color:var(--dim)}\n"
	"svg{width:100%;height:auto;display:block}.chart{max-width:40rem}text{font:11px system-ui,sans-serif;"
	"fill:var(--dim)}\n"
	".title{fill:var(--ink);font-weight:600}.scale,.end{text-anchor:end}.grid{stroke:var(--grid)}\n"
	".line{fill:none;stroke:var(--line);stroke-width:1.5}.dot{fill:var(--line)}\n"
	"rect.none{fill:var(--none)}rect.backup{fill:var(--backup)}rect.proven{fill:var(--proven)}"
	"rect.failed{fill:var(--failed)}\n"
	".key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .3em 0 "
	"1em}.key:first-child{margin-left:0}\n"
	".key.none{background:var(--none)}.key.backup{background:var(--backup)}.key.proven{background:var(--"
	"proven)}"
	".key.failed{background:var(--failed)}\n"
	".pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
	"th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--grid);white-space:nowrap;"
	"vertical-align:top}td.n,th.n{text-align:right}td.t{white-space:normal;min-width:10rem;font-size:."
	"85em}"
	"strong{color:var(--failed)}\n";

static const struct report_unit in_bytes = { text_format_bytes, 1024 };
static const struct report_unit in_numbers = { text_format_count, 1000 };
static const struct report_unit in_time = { text_format_duration, 1000 }; /* milliseconds */

static enum report_day
day_of(const struct op_report_entry *entry)
{
	if (entry->backup.proof == NULL)
		return REPORT_DAY_BACKUP;
	return entry->backup.proof->ok ? REPORT_DAY_PROVEN : REPORT_DAY_FAILED;
}

static void
put_calendar(const struct op_report *report, struct buf *html)
{
	enum report_day days[CALENDAR_DAYS] = { REPORT_DAY_NONE };

	for (size_t i = 0; i < report->count; i++) {
		int64_t age = report_days_between(report->entries[i].backup.manifest.created, report->at);
		enum report_day what = day_of(&report->entries[i]);

		if (age >= 0 && age < CALENDAR_DAYS && what > days[age])
			days[age] = what;
	}
	buf_append_text(html, "<h2>Calendar</h2>\n");
	report_svg_calendar(html, days, CALENDAR_DAYS, report->at);
	buf_append_text(html, "<p class=\"dim\"><span class=\"key none\"></span>no backup"
			      "<span class=\"key backup\"></span>backup"
			      "<span class=\"key proven\"></span>proven by a test restore"
			      "<span class=\"key failed\"></span>proof failed</p>\n");
}

/* A value of a backup, for a line through all of them. */
typedef uint64_t report_value(const struct op_report_entry *entry, const char *database);

static void
put_line(const struct op_report *report, const char *title, report_value *value, const char *database,
	const struct report_unit *unit, struct buf *html)
{
	struct report_point *points = mem_resize(NULL, report->count + 1, sizeof(*points));
	size_t count = 0;

	for (size_t i = report->count; i-- > 0;) { /* oldest first */
		uint64_t number = value(&report->entries[i], database);

		if (number != UINT64_MAX)
			points[count++] = (struct report_point){
				.at = report->entries[i].backup.manifest.created,
				.value = number,
			};
	}
	report_svg_line(html, title, points, count, unit);
	free(points);
}

static uint64_t
stored_bytes(const struct op_report_entry *entry, const char *database)
{
	(void)database;
	return manifest_stored_bytes(&entry->backup.manifest);
}

static uint64_t
all_rows(const struct op_report_entry *entry, const char *database)
{
	(void)database;
	return entry->backup.manifest.rows;
}

/* Records of earlier versions know the time of the whole proof only. */
static uint64_t
restore_ms(const struct op_report_entry *entry, const char *database)
{
	const struct proof *proof = entry->backup.proof;

	(void)database;
	if (proof == NULL || !proof->ok)
		return UINT64_MAX;
	return proof->restore_ms != 0 ? proof->restore_ms : proof->ms;
}

static const struct op_report_database *
find_database(const struct op_report_entry *entry, const char *database)
{
	for (size_t i = 0; i < entry->database_count; i++)
		if (text_equal(entry->databases[i].name, database))
			return &entry->databases[i];
	return NULL;
}

static uint64_t
database_bytes(const struct op_report_entry *entry, const char *database)
{
	const struct op_report_database *found = find_database(entry, database);

	return found != NULL ? found->bytes : UINT64_MAX;
}

/* Each database of the newest backup whose contents are known, template1 and its like left out: they have no
 * rows. */
static void
put_databases(const struct op_report *report, struct buf *html)
{
	const struct op_report_entry *entry = NULL;

	for (size_t i = 0; i < report->count && entry == NULL; i++)
		if (report->entries[i].database_count > 0)
			entry = &report->entries[i];
	if (entry == NULL)
		return;
	buf_append_text(html,
		"<h2>Databases</h2>\n<p class=\"dim\">Size of each one's part of the dump, before it is "
		"compressed.</p>\n<div class=\"pair\">\n");
	for (size_t i = 0; i < entry->database_count; i++)
		if (entry->databases[i].rows > 0)
			put_line(report, entry->databases[i].name, database_bytes, entry->databases[i].name,
				&in_bytes, html);
	buf_append_text(html, "</div>\n");
}

static void
put_growth(const struct op_report *report, struct buf *html)
{
	buf_append_text(html, "<h2>Over time</h2>\n<div class=\"pair\">\n");
	put_line(report, "Size of a backup", stored_bytes, NULL, &in_bytes, html);
	put_line(report, "Rows", all_rows, NULL, &in_numbers, html);
	put_line(report, "Time to restore, as measured by proofs", restore_ms, NULL, &in_time, html);
	buf_append_text(html, "</div>\n");
}

static void
put_cell(struct buf *html, const char *class, const char *text)
{
	buf_append_format(html, "<td%s>", class);
	report_html_text(html, text);
	buf_append_text(html, "</td>");
}

#define NUMBER " class=\"n\""

/* "2026-11-23, 2m 03s", "failed 2026-11-23, 12s", "". */
static void
put_proof(const struct proof *proof, struct buf *html)
{
	char at[CLOCK_RFC3339_SIZE], took[24];

	buf_append_text(html, "<td>");
	if (proof != NULL)
		buf_append_format(html, "%s%.10s, %s", proof->ok ? "" : "<strong>failed</strong> ",
			clock_format_local(at, proof->at),
			text_format_duration(took, sizeof(took), proof->ms));
	buf_append_text(html, "</td>");
}

/* Pins with their reason, or the label. */
static void
put_note(const struct op_backup *backup, struct buf *html)
{
	buf_append_text(html, "<td class=\"t\">");
	if (backup->manifest.label != NULL)
		report_html_text(html, backup->manifest.label);
	if (backup->pin != NULL) {
		buf_append_format(html, "%spinned%s", backup->manifest.label != NULL ? "; " : "",
			backup->pin->reason != NULL ? ": " : "");
		report_html_text(html, backup->pin->reason != NULL ? backup->pin->reason : "");
	}
	buf_append_text(html, "</td>");
}

/* What rotation does with a backup, in the first store and in those that differ from it. */
static void
put_verdict(const struct op_prune_report *rotation, const char *id, struct buf *html)
{
	const struct op_verdict *first = NULL;

	buf_append_text(html, "<td class=\"t\">");
	for (size_t i = 0; i < rotation->count; i++) {
		const struct op_verdict *verdict = &rotation->verdicts[i];

		if (!text_equal(verdict->id, id) ||
			(first != NULL && text_equal(verdict->reason, first->reason)))
			continue;
		if (first != NULL) {
			buf_append_text(html, "; ");
			report_html_text(html, verdict->store);
			buf_append_text(html, ": ");
		}
		buf_append_text(html, verdict->keep ? "kept: " : "<strong>goes</strong>: ");
		report_html_text(html, verdict->reason);
		first = first != NULL ? first : verdict;
	}
	buf_append_text(html, "</td>");
}

static void
put_row(const struct op_report *report, const struct op_report_entry *entry, struct buf *html)
{
	const struct manifest *manifest = &entry->backup.manifest;
	char text[CLOCK_RFC3339_SIZE];
	struct buf stores = BUF_EMPTY;

	buf_append_text(html, "<tr>");
	put_cell(html, "", manifest->id);
	put_cell(html, NUMBER, text_format_bytes(text, sizeof(text), manifest_stored_bytes(manifest)));
	put_cell(html, NUMBER, text_format_bytes(text, sizeof(text), manifest->plain_bytes));
	put_cell(html, NUMBER, text_format_count(text, sizeof(text), manifest->rows));
	output_stores(&stores, &entry->backup);
	put_cell(html, "", buf_text(&stores));
	put_proof(entry->backup.proof, html);
	put_verdict(&report->rotation, manifest->id, html);
	put_note(&entry->backup, html);
	buf_append_text(html, "</tr>\n");
	buf_clear(&stores);
}

static void
put_table(const struct op_report *report, struct buf *html)
{
	buf_append_text(html,
		"<h2>Backups</h2>\n<div class=\"wide\"><table>\n<tr><th>id</th>"
		"<th class=\"n\">size</th><th class=\"n\">dump</th><th class=\"n\">rows</th><th>stores</th>"
		"<th>proven</th><th>rotation</th><th>note</th></tr>\n");
	for (size_t i = 0; i < report->count; i++)
		put_row(report, &report->entries[i], html);
	buf_append_text(html, "</table></div>\n");
}

/* One store: what stays, what goes, and how long there is room. */
static void
put_store(const struct op_prune_store *store, struct buf *html)
{
	char size[16];

	buf_append_text(html, "<tr>");
	put_cell(html, "", store->name);
	if (!store->ok) {
		buf_append_text(html, "<td colspan=\"6\">");
		report_html_text(html, store->error.message);
		buf_append_text(html, "</td></tr>\n");
		return;
	}
	buf_append_format(html, "<td%s>%" PRIu64 "</td>", NUMBER, store->kept);
	put_cell(html, NUMBER, text_format_bytes(size, sizeof(size), store->kept_bytes));
	buf_append_format(html, "<td%s>%" PRIu64 "</td>", NUMBER, store->dropped);
	put_cell(html, NUMBER, text_format_bytes(size, sizeof(size), store->dropped_bytes));
	put_cell(html, NUMBER,
		store->free_bytes != UINT64_MAX ? text_format_bytes(size, sizeof(size), store->free_bytes)
						: "not known");
	if (store->full_in_days >= 0)
		buf_append_format(html, "<td>in about %d days</td>", store->full_in_days);
	else
		buf_append_text(html, "<td>not within sight</td>");
	buf_append_text(html, "</tr>\n");
}

static void
put_rotation(const struct op_prune_report *rotation, struct buf *html)
{
	buf_append_text(html,
		"<h2>What rotation does next</h2>\n<div class=\"wide\"><table>\n<tr><th>store</th>"
		"<th class=\"n\">stay</th><th class=\"n\">they take</th><th class=\"n\">go</th>"
		"<th class=\"n\">they take</th><th class=\"n\">free</th><th>full</th></tr>\n");
	for (size_t i = 0; i < rotation->store_count; i++)
		put_store(&rotation->stores[i], html);
	buf_append_text(html, "</table></div>\n");
}

/* The newest backup and the newest proof: what a person looks for first. */
static void
put_state(const struct op_report *report, struct buf *html)
{
	const struct proof *proof = NULL;
	char age[OUTPUT_AGE_SIZE];

	if (report->count == 0) {
		buf_append_text(html, "<p>There are no backups yet.</p>\n");
		return;
	}
	for (size_t i = 0; i < report->count && proof == NULL; i++)
		if (report->entries[i].backup.proof != NULL && report->entries[i].backup.proof->ok)
			proof = report->entries[i].backup.proof;
	buf_append_format(html, "<p>The newest backup is %s old. ",
		output_format_age(age, report->entries[0].backup.manifest.created, report->at));
	if (proof != NULL)
		buf_append_format(
			html, "The newest proof is %s old.", output_format_age(age, proof->at, report->at));
	else
		buf_append_text(html, "None of these backups is proven: incant-backup verify --restore");
	buf_append_text(html, "</p>\n<p class=\"dim\">");
	output_count(html, report->count, "backup", "backups");
	buf_append_char(html, '.');
	if (report->unread > 0)
		buf_append_format(html, " The contents of %zu are not in here.", report->unread);
	buf_append_text(html, "</p>\n");
}

void
report_html_page(const struct op_report *report, struct buf *html)
{
	char at[CLOCK_RFC3339_SIZE];

	buf_append_text(html, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
			      "<meta name=\"viewport\" "
			      "content=\"width=device-width,initial-scale=1\">\n<title>Backups of ");
	report_html_text(html, report->source);
	buf_append_format(html, "</title>\n<style>\n%s</style></head>\n<body>\n<h1>Backups of ", style);
	report_html_text(html, report->source);
	buf_append_format(html, "</h1>\n<p class=\"dim\">%s</p>\n", clock_format_local(at, report->at));
	put_state(report, html);
	put_calendar(report, html);
	if (report->count > 0) {
		put_growth(report, html);
		put_databases(report, html);
		put_rotation(&report->rotation, html);
		put_table(report, html);
	}
	buf_append_text(html, "</body></html>\n");
}
