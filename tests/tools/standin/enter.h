/*
 * Part of every stand-in: what a call does before its own work. From the environment, all of them "call=number,call=..." or
 * "call,call..." lists, where call@3 means the third call of the process alone:
 *
 *     STANDIN_FAIL=cuptiRangeProfilerStart=35    the call does nothing and returns that number
 *     STANDIN_CRASH=cuptiActivityFlushAll        the call ends the process with SIGSEGV
 *     STANDIN_HANG=call                          the call never returns
 *     STANDIN_ONCE=FILE      the three above happen once in all: in the process that first creates the file
 *     STANDIN_STRICT=1       what breaks a rule ends the program with a sentence and abort(); else it gives the error number
 *     STANDIN_TRACE=FILE     every call and every kernel is appended to the file: "PID call arguments"
 */
#ifndef TESTS_TOOLS_STANDIN_ENTER_H
#define TESTS_TOOLS_STANDIN_ENTER_H

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

/* How often a call was made, for call@3. */
struct enter_count {
    const char *call;
    unsigned long times;
};

static unsigned long enter_times(const char *call)
{
    static struct enter_count counts[256];

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (!counts[i].call)
            counts[i].call = call;
        if (!strcmp(counts[i].call, call))
            return ++counts[i].times;
    }
    return 0;
}

/* Whether the list in the environment names this call; `value` receives the text behind "=". */
static int enter_listed(const char *variable, const char *call, unsigned long times, char *value, size_t size)
{
    const char *list = getenv(variable);
    size_t length = strlen(call);

    while (list && *list) {
        const char *end = list + strcspn(list, ",");
        const char *at = list + length;

        if (!strncmp(list, call, length) && (at == end || *at == '=' || *at == '@')) {
            char *rest = NULL;
            unsigned long only = *at == '@' ? strtoul(at + 1, &rest, 10) : 0;

            at = rest ? rest : at;
            if (!only || only == times) {
                snprintf(value, size, "%.*s", *at == '=' ? (int)(end - at - 1) : 0, *at == '=' ? at + 1 : "");
                return 1;
            }
        }
        list = *end ? end + 1 : end;
    }
    return 0;
}

static void __attribute__((format(printf, 1, 2))) enter_trace(const char *format, ...)
{
    const char *path = getenv("STANDIN_TRACE");
    char line[400];
    int fd, length;
    va_list args;

    if (!path)
        return;
    length = snprintf(line, sizeof line, "%ld ", (long)getpid());
    va_start(args, format);
    length += vsnprintf(line + length, sizeof line - (size_t)length - 1, format, args);
    va_end(args);
    if (length > (int)sizeof line - 2)
        length = (int)sizeof line - 2;
    line[length++] = '\n';
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        if (write(fd, line, (size_t)length) != length)
            perror(path);
        close(fd);
    }
}

/* With STANDIN_ONCE only the first failure of all processes happens. */
static int enter_first(void)
{
    const char *path = getenv("STANDIN_ONCE");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;

    if (fd >= 0)
        close(fd);
    return !path || fd >= 0;
}

/* The number that the call has to return at once; 0 to go on. */
static int enter(const char *call)
{
    unsigned long times = enter_times(call);
    char value[40];

    enter_trace("%s", call);
    if (enter_listed("STANDIN_CRASH", call, times, value, sizeof value) && enter_first()) {
        signal(SIGSEGV, SIG_DFL);
        raise(SIGSEGV);
    }
    if (enter_listed("STANDIN_HANG", call, times, value, sizeof value) && enter_first())
        for (;;)
            pause();
    if (enter_listed("STANDIN_FAIL", call, times, value, sizeof value) && enter_first())
        return atoi(value);
    return 0;
}

/* A rule was broken: `error` to be returned, or the end of the program. */
static int UNUSED broken(const char *call, int error, const char *rule)
{
    const char *strict = getenv("STANDIN_STRICT");

    enter_trace("%s broken: %s", call, rule);
    if (strict && *strict && strcmp(strict, "0") != 0) {
        fprintf(stderr, "stand-in: %s: %s\n", call, rule);
        abort();
    }
    return error;
}

static long UNUSED enter_number(const char *variable, long otherwise)
{
    const char *text = getenv(variable);

    return text && *text ? strtol(text, NULL, 10) : otherwise;
}

#endif
