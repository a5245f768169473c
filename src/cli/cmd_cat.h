/* What cat makes of its words. */
#ifndef INCANT_CLI_CMD_CAT_H
#define INCANT_CLI_CMD_CAT_H

/*
 * Takes D.S.T apart, where a part may stand in double quotes with dots and doubled quotes inside. Returns D
 * without its quotes (the caller frees it), with *table at S.T; NULL when the text has other than three
 * parts, and *table is left as it is.
 */
char *cmd_cat_split_table(const char *text, const char **table);

#endif
