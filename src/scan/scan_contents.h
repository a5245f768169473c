/* Filling in the contents of one section, for the scanner. */
#ifndef SCAN_CONTENTS_H
#define SCAN_CONTENTS_H

#include "incant/contents.h"

/* Frees what the section holds, not the section. */
void scan_contents_clear_section(struct contents_section *section);

/* Each adds one entry; ownership of the texts in it passes to the section. */
void scan_contents_add_statement(struct contents_section *section, struct contents_statement statement);
void scan_contents_add_table(struct contents_section *section, struct contents_table table);
void scan_contents_add_sequence(struct contents_section *section, struct contents_sequence sequence);

/*
 * Adds something about a large object. Entries of the same object are put together by
 * scan_contents_end_section(): bytes and digests are added up, so that each object needs no look-up while the
 * script passes.
 */
void scan_contents_add_large_object(struct contents_section *section, struct contents_large_object object);

/* Nothing more will come, or what comes is added to what is there. */
void scan_contents_end_section(struct contents_section *section);

#endif
