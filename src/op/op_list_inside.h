/* The backups of a shelf as one list, for list and report. */
#ifndef INCANT_OP_LIST_INSIDE_H
#define INCANT_OP_LIST_INSIDE_H

#include "incant/op_list.h"

#include "op_shelf.h"

/*
 * Appends the whole backups of a shelf, newest first; one that several stores have is one entry. Damaged ones
 * are warned about.
 */
void op_list_merge(const struct op_shelf *shelf, struct op_list_report *report);

#endif
