/*
 * countermark ignore: the gate looks away from a finding, or from points by name, up to a day. What is ignored is measured, reported
 * and drawn all the same; what is wrong is never ignored.
 */
#include "cmd.h"
#include "ledger_decide.h"

#include <stdio.h>

static int run(int argc, char **argv, struct err *e)
{
    struct buf said = {0};
    int code = decide_command("ignore", argc, argv, &said, e);

    fputs(buf_text(&said), stdout);
    buf_free(&said);
    return code;
}

const struct command command_ignore = {
    .summary = "keeps the gate from failing for a finding or for points, up to a day",
    .usage = "[FINDING|RUN]",
    .details = "F1 is a finding of the last check: its points, in the metrics that moved. A REF or bare digits are a "
               "run: its own "
               "check does not fail. --points means points by name; with --commit only what came with that commit, "
               "until a later "
               "one is accepted. Whatever is ignored is reported and drawn all the same, and the baseline stays what "
               "it was. When "
               "--until has passed, check says so, and fails again.",
    .rows = decide_rows,
    .examples = "countermark ignore F2 --reason \"fixed next week\" --until 2026-12-31\n"
                "countermark ignore --points 'io/*' --metrics wall.time --reason \"shared disk\"\n"
                "countermark ignore run:12 --reason \"somebody compiled on the machine\"",
    .run = run,
};
