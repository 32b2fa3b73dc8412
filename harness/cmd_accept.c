/*
 * countermark accept: what a finding showed, or a whole run, is the baseline from now on. The decision is kept with its reason in
 * the ledger; what is wrong, failed or half measured is never accepted.
 */
#include "cmd.h"
#include "ledger_decide.h"

#include <stdio.h>

static int run(int argc, char **argv, struct err *e)
{
    struct buf said = {0};
    int code = decide_command("accept", argc, argv, &said, e);

    fputs(buf_text(&said), stdout);
    buf_free(&said);
    return code;
}

const struct command command_accept = {
    .summary = "makes what a finding showed, or a whole run, the baseline from now on",
    .usage = "[FINDING|RUN]",
    .details =
        "F1 is a finding of the last check; a REF or bare digits are a run; --points, maybe with --commit, means "
        "points by "
        "name. Of a finding all its points are accepted with all their metrics. Wrong results, failed launches and "
        "incomplete runs are refused. The decision stands in the ledger with its reason; after --until the older "
        "baseline is back. A regression that was accepted is found again when it gets worse.",
    .rows = decide_rows,
    .examples = "countermark accept F1 --reason \"checks bounds now\"\n"
                "countermark accept run:12 --reason \"new compiler\" --until 2026-12-31\n"
                "countermark accept --points 'mandelbrot/simd:*' --commit 3f2a91c --reason \"exact rounding\"",
    .run = run,
};
