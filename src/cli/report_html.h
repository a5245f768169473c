/*
 * The report's page: HTML that needs nothing else, no network and no script, in light and dark. Pure.
 */
#ifndef INCANT_CLI_REPORT_HTML_H
#define INCANT_CLI_REPORT_HTML_H

#include "incant/buf.h"
#include "incant/op_report.h"

/* Appends the whole page. */
void report_html_page(const struct op_report *report, struct buf *html);

#endif
