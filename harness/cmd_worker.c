/* `countermark worker`: measures one point in a process of its own. Started by other commands, never by people. */
#include "cmd.h"
#include "gpu.h"
#include "worker.h"

#include <string.h>

static int run(int argc, char **argv, struct err *e)
{
    if (argc == 4 && !strcmp(argv[1], "--plan-collector"))
        return worker_plan(argv[2], argv[3], e);
    if (argc == 4 && !strcmp(argv[1], "--collector-model"))
        return worker_model(argv[2], argv[3], e);
    if (argc == 2 && !strcmp(argv[1], "--codes"))
        return worker_codes(e);
    if (argc == 3 && !strcmp(argv[1], "--gpu"))
        return gpu_serve(argv[2], e);
    if (argc > 1) {
        err_set(e, CM_USAGE, "worker is started by other commands and takes no %s", argv[1]);
        return CM_USAGE;
    }
    return worker_serve(e);
}

const struct command command_worker = {
    .summary = "Measures one point in a process of its own; started by other commands",
    .usage = "",
    .hidden = true,
    .run = run,
};
