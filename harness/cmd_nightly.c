/* countermark nightly: run, check and report in one command, with the gate's exit code. */
#include "../reports/report.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd.h"
#include "gate.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nightly_options {
    struct option_list sweeps;
    const char *called, *verify, *database, *folder, *machine, *collect, *baseline, *junit, *markdown, *pictures,
        *pictures_url, *format, *progress, *fail_on;
    double budget_s;
    int64_t launches;
    bool resume, strict, no_anchor;
};

#define AT(field) .offset = offsetof(struct nightly_options, field)

static const struct option_row rows[] = {
    {"sweep", 's', OPTION_LIST, "AXIS=SWEEP", "sets an axis instead of the plan, or one of the program's: n=1000,2000",
     AT(sweeps), NULL},
    {"name", 0, OPTION_TEXT, "NAME", "calls a program's points command/NAME, not after its file", AT(called), NULL},
    {"verify", 0, OPTION_TEXT, "sha256|GLOB",
     "a program's standard output, or the files that it writes, must be the same in every launch", AT(verify), NULL},
    {"collect", 0, OPTION_TEXT, "LIST", "takes these collectors instead of the plan's", AT(collect), NULL},
    {"launches", 0, OPTION_INTEGER, "N", "starts each point N times for its time", AT(launches), NULL},
    {"budget", 0, OPTION_DURATION, "TIME", "measures no longer than this by leaving out whole rounds (0: no limit)",
     AT(budget_s), NULL},
    {"baseline", 0, OPTION_TEXT, "REF", "compares with this run instead of what was accepted", AT(baseline), NULL},
    {"resume", 0, OPTION_FLAG, NULL, "goes on with the newest run of this plan that was stopped", AT(resume), NULL},
    {"no-anchor", 0, OPTION_FLAG, NULL, "leaves out the launches that tell whether the machine moved", AT(no_anchor),
     NULL},
    {"strict", 0, OPTION_FLAG, NULL, "exits 4 for what is ambiguous tonight, not only three times running", AT(strict),
     NULL},
    {"fail-on", 0, OPTION_TEXT, "WORD", "exits 1 for what is slower; or for what is faster, too", AT(fail_on),
     "slower,faster"},
    {"junit", 0, OPTION_TEXT, "FILE", "writes the verdicts as JUnit XML too", AT(junit), NULL},
    {"markdown", 0, OPTION_TEXT, "FILE", "writes a summary as Markdown too, with a picture of every finding",
     AT(markdown), NULL},
    {"pictures", 0, OPTION_TEXT, "DIR", "puts the pictures into this folder (FILE-pictures, beside the Markdown)",
     AT(pictures), NULL},
    {"pictures-url", 0, OPTION_TEXT, "URL", "links to the pictures under this address, where DIR will be published",
     AT(pictures_url), NULL},
    {"output", 'o', OPTION_TEXT, "DIR", "writes the report into this folder (report)", AT(folder), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "calls this machine NAME; it is the home of every history", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "stores in this database (countermark.db)", AT(database), NULL},
    {"progress", 0, OPTION_TEXT, "HOW", "auto: one line on a terminal, else plain lines", AT(progress),
     "auto,plain,off"},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints the verdicts as text, one JSON document, or annotations for GitHub",
     AT(format), "text,json,github"},
    {0},
};

/* The run's summary belongs to people: with a format for machines it goes to standard error. */
static int measure(const struct run_request *q, bool for_people, int64_t *run, struct err *e)
{
    struct run_outcome o;
    struct buf text = {0};
    int failed = run_plan(q, &o, e), code = failed ? e->code : run_exit_code(&o);

    *run = o.run;
    if (!failed && run_summary_text(&o, q->database, &text, e))
        code = e->code;
    else if (!failed)
        fputs(buf_text(&text), for_people ? stdout : stderr);
    buf_free(&text);
    run_outcome_free(&o);
    return code;
}

static int judge(const struct nightly_options *o, const struct config *c, int64_t run, struct buf *out, char **story,
                 struct err *e)
{
    char *candidate = mem_format("run:%" PRId64, run);
    const struct gate_options g = {
        .database = o->database,
        .baseline = o->baseline ? o->baseline : c->baseline,
        .candidate = candidate,
        .machine = o->machine ? o->machine : c->machine,
        .metrics = c->metrics,
        .min_effect = c->min_effect,
        .thresholds = c->thresholds,
        .threshold_count = c->threshold_count,
        .ledger = c->ledger,
        .fail_on_faster = o->fail_on ? !strcmp(o->fail_on, "faster") : c->fail_on_faster,
        .confirm_budget_s = c->confirm_budget_s,
        .strict = o->strict,
        .accept_first = true,
        .junit = o->junit,
        .markdown = o->markdown,
        .pictures = o->pictures,
        .pictures_url = o->pictures_url,
        .format = gate_format_parse(o->format),
    };
    int code = gate_run(&g, out, story, e);

    free(candidate);
    return code;
}

static int report(const struct nightly_options *o, struct err *e)
{
    struct report_options options = {.folder = o->folder};
    struct store *s = NULL;
    char *note = NULL;
    int failed = store_open(&s, o->database, STORE_READ, e);

    if (!failed)
        failed = report_site(s, &options, &note, e);
    store_close(s);
    if (note)
        log_note("%s", note);
    free(note);
    return failed;
}

/* The report shows the verdicts, so it comes behind the check; its path stands above the verdicts, whose last line tells the
 * story of the night. */
static int conclude(const struct nightly_options *o, const struct config *c, int64_t run, int code, struct err *e)
{
    struct buf verdicts = {0};
    struct err second = {0};
    char *story = NULL;
    bool for_people = !o->format || !strcmp(o->format, "text");
    int gate = judge(o, c, run, &verdicts, &story, e);

    code = exit_worst(code, gate);
    if (gate == CM_INTERRUPTED)
        code = gate;
    else if (report(o, &second)) {
        log_warning("the report was not written: %s", second.text);
        code = exit_worst(code, second.code);
    } else if (for_people)
        printf("report: %s/index.html\n\n", o->folder);
    else
        log_note("report: %s/index.html", o->folder);
    fputs(buf_text(&verdicts), stdout);
    if (story && !for_people)
        log_note("%s", story);
    free(story);
    buf_free(&verdicts);
    return code;
}

/* An option with its value, if it has one. */
static void add_words(struct text_list *l, const char *option, const char *value)
{
    if (!value)
        return;
    text_list_add(l, option);
    text_list_add(l, value);
}

/* `countermark run` with these words does the same: what --resume and people read later. */
static char *run_words(const struct nightly_options *o, const char *plan, char *const *command)
{
    char launches[24], *words;
    struct text_list l = {0};

    snprintf(launches, sizeof launches, "%" PRId64, o->launches);
    add_words(&l, "countermark", "run");
    add_words(&l, "--plan", plan);
    for (size_t i = 0; i < o->sweeps.count; i++)
        add_words(&l, "-s", o->sweeps.items[i]);
    add_words(&l, "--collect", o->collect);
    add_words(&l, "--launches", o->launches > 0 ? launches : NULL);
    add_words(&l, "--name", o->called);
    add_words(&l, "--verify", o->verify);
    add_words(&l, "--machine", o->machine);
    add_words(&l, "--", command ? command[0] : NULL);
    for (size_t i = 1; command && command[i]; i++)
        text_list_add(&l, command[i]);
    words = run_quote((int)l.count, l.items);
    text_list_free(&l);
    return words;
}

static int nightly(const struct nightly_options *o, const struct config *c, const char *plan, char **command,
                   struct err *e)
{
    char *words = run_words(o, plan, command);
    struct run_request q = {
        .plan = {.plan = plan,
                 .plans = c->plans,
                 .plan_count = c->plan_count,
                 .sweeps = o->sweeps.items,
                 .sweep_count = o->sweeps.count,
                 .command = command,
                 .called = o->called,
                 .verify = o->verify,
                 .collect = o->collect,
                 .launches = o->launches > 0 ? (int)o->launches : 0},
        .database = o->database,
        .machine = o->machine ? o->machine : c->machine,
        .machine_class = c->machine_class,
        .arguments = words,
        .budget_s = o->budget_s,
        .resume = o->resume,
        .no_anchor = o->no_anchor,
        .progress = !o->progress || !strcmp(o->progress, "auto") ? PROGRESS_AUTO
                    : !strcmp(o->progress, "plain")              ? PROGRESS_PLAIN
                                                                 : PROGRESS_OFF,
    };
    int64_t run;
    int code = measure(&q, !o->format || !strcmp(o->format, "text"), &run, e);

    free(words);
    if (e->code) /* bad input, a store that cannot be written, or stopped: nothing to judge */
        return code;
    return conclude(o, c, run, code, e);
}

static int check_options(const struct nightly_options *o, const struct option_list *operands, char *const *command,
                         struct err *e)
{
    if (operands->count > 1)
        return err_set(e, CM_USAGE, "nightly takes one plan, not %zu", operands->count);
    if (command && !*command)
        return err_set(e, CM_USAGE, "a command is missing behind '--'");
    if (o->verify && !command)
        return err_set(e, CM_USAGE, "--verify is for a command behind '--'; a plan's commands have a line 'verify'");
    if (opt_check_name(o->called, command != NULL, e) || opt_check_launches(o->launches, e))
        return -1;
    return opt_check_machine(o->machine, e);
}

static int run(int argc, char **argv, struct err *e)
{
    struct nightly_options o = {.launches = NOT_GIVEN};
    struct option_list operands = {0};
    char **command = NULL;
    struct config c = {0};
    int code = opt_parse(rows, argc, argv, &o, &operands, &command, e);

    if (!code)
        code = check_options(&o, &operands, command, e);
    if (!code)
        code = config_read(&c, e);
    if (!o.database)
        o.database = c.database ? c.database : "countermark.db";
    if (!o.folder)
        o.folder = c.report ? c.report : "report";
    code = code ? e->code : nightly(&o, &c, operands.count ? operands.items[0] : "nightly", command, e);
    config_free(&c);
    opt_list_free(&operands);
    opt_list_free(&o.sweeps);
    return code;
}

const struct command command_nightly = {
    .summary = "measures, judges and reports: the one command of a nightly job",
    .usage = "[PLAN] [-- COMMAND [ARG with {axis}]...]",
    .details =
        "The same as run --plan nightly, check and report, one after the other. The first night is stored as the first "
        "baseline. With a command behind -- that program is measured as the plan says, in place of the plan's points; "
        "what is measured "
        "every night stands better in a plan named nightly in .countermark.yaml (countermark help config). The report "
        "is written before the exit code is given, and the last line tells the story.\n\n"
        "Exit codes: the worst of the three. 0 nothing slower, 1 something is slower, 2 a mistake in the command "
        "line, 3 nothing could run, 4 launches failed or verdicts are not trustworthy, 5 a wrong result, 6 the "
        "database or the report cannot be written, 130 stopped.",
    .rows = rows,
    .examples = "countermark nightly\n"
                "countermark nightly quick --db /srv/history.db -o /srv/www/report --junit verdicts.xml\n"
                "countermark nightly -s n=1000,2000 -- ./prog --size {n}",
    .run = run,
};
