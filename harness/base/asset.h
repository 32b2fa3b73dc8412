/*
 * Text files of the project, compiled into the program so that it runs from anywhere. The tables are written by
 * harness/registry.sh from the files that exist, sorted by name; each ends with a row whose name is NULL.
 */
#ifndef HARNESS_BASE_ASSET_H
#define HARNESS_BASE_ASSET_H

struct asset {
    const char *name; /* the file's name without folder and ending: "0001_init", "cache", "nightly" */
    const char *text;
};

extern const struct asset asset_schema[];  /* db/schema/NNNN_name.sql */
extern const struct asset asset_groups[];  /* collectors/groups/NAME.txt */
extern const struct asset asset_plans[];   /* harness/plans/NAME.plan */
extern const struct asset asset_reports[]; /* reports/NAME.gp */

#endif
