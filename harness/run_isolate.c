/* run --isolate: what of it this user may do is tried before anything is measured, told, and stored as the fact `isolate`. */
#include "base/log.h"
#include "isolate.h"
#include "run_parts.h"

void run_isolate(struct host *h)
{
    struct isolation found;
    char words[300], cure[300];

    isolate_try(&found);
    isolate_words(&found, words, sizeof words);
    isolate_cure(&found, cure, sizeof cure);
    log_note("workers are isolated: %s%s%s", words, *cure ? "; " : "", cure);
    host_set_environment(h, "isolate", words);
}
