/* countermark note: a remark on a finding, a run or a commit, which reports draw and check repeats; it changes no verdict. */
#include "cmd.h"
#include "ledger_decide.h"

#include <stdio.h>

static int run(int argc, char **argv, struct err *e)
{
    struct buf said = {0};
    int code = decide_command("note", argc, argv, &said, e);

    fputs(buf_text(&said), stdout);
    buf_free(&said);
    return code;
}

const struct command command_note = {
    .summary = "keeps a remark on a finding, a run or a commit, which reports show",
    .usage = "[FINDING|RUN]",
    .details = "F1 is a finding of the last check; a REF or bare digits are a run; --points and --commit name both "
               "otherwise. A note changes no verdict and no baseline.",
    .rows = decide_rows,
    .examples = "countermark note F1 --reason \"the new allocator, see the change log\"\n"
                "countermark note --commit 3f2a91c --reason \"moved to gcc 14\"",
    .run = run,
};
