/* What isolation can be had here: see isolate.h. */
#include "isolate.h"

#include "base/buf.h"
#include "launch_process.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ASK 0xffffffff /* personality: tells, and changes nothing */

int isolate_fix_addresses(unsigned long *before)
{
    int now = personality(ASK);

    if (now < 0)
        return errno;
    *before = (unsigned long)now;
    return !(*before & ADDR_NO_RANDOMIZE) && personality(*before | ADDR_NO_RANDOMIZE) < 0 ? errno : 0;
}

void isolate_restore_addresses(unsigned long before)
{
    if (!(before & ADDR_NO_RANDOMIZE))
        personality(before);
}

static int take_cpus(void)
{
    cpu_set_t cpus;

    if (launch_cpus(1, &cpus))
        return ENOSYS;
    return sched_setaffinity(0, sizeof cpus, &cpus) ? errno : 0;
}

static void attempt(struct isolation *i)
{
    unsigned long before;

    i->cpus = take_cpus();
    i->priority = setpriority(PRIO_PROCESS, 0, ISOLATE_PRIORITY) ? errno : 0;
    i->aslr = isolate_fix_addresses(&before);
}

void isolate_try(struct isolation *out)
{
    int ends[2];
    pid_t child;

    *out = (struct isolation){EAGAIN, EAGAIN, EAGAIN};
    if (pipe2(ends, O_CLOEXEC))
        return;
    child = fork();
    if (child == 0) {
        struct isolation i;

        attempt(&i);
        _exit(write(ends[1], &i, sizeof i) == sizeof i ? 0 : 1);
    }
    close(ends[1]);
    if (child > 0 && read(ends[0], out, sizeof *out) != sizeof *out)
        *out = (struct isolation){EAGAIN, EAGAIN, EAGAIN};
    close(ends[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static void add(struct buf *b, const char *name, int error)
{
    const char *why = strerror(error);

    if (error)
        buf_addf(b, "%snot %s: %c%s", b->length ? ", " : "", name, tolower((unsigned char)*why), why + 1);
    else
        buf_addf(b, "%s%s", b->length ? ", " : "", name);
}

const char *isolate_words(const struct isolation *i, char *out, size_t size)
{
    struct buf b = {0};

    /* What was done first. */
    for (int failed = 0; failed < 2; failed++) {
        if (!i->cpus == !failed)
            add(&b, "cpus", i->cpus);
        if (!i->priority == !failed)
            add(&b, "priority", i->priority);
        if (!i->aslr == !failed)
            add(&b, "aslr", i->aslr);
    }
    snprintf(out, size, "%s", buf_text(&b));
    buf_free(&b);
    return out;
}

const char *isolate_cure(const struct isolation *i, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s%s%s", i->cpus ? "CPUs are chosen where sched_setaffinity is allowed" : "",
             i->cpus && (i->priority || i->aslr) ? "; " : "",
             i->priority ? "a higher priority needs root, CAP_SYS_NICE or a nice limit of -10 (limits.conf)" : "",
             i->priority && i->aslr ? "; " : "",
             i->aslr ? "fixed addresses need a container whose seccomp profile allows personality" : "");
    return out;
}
