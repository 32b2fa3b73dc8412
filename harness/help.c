/*
 * Builds help texts. The terminal's is laid out here, 80 columns wide; the man page leaves that to roff. Both walk the same
 * commands and option rows, so that neither can know an option that the other does not.
 */
#include "help.h"
#include "config_keys.h"
#include "plan.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 80
#define OPTION_COLUMN 28

static const char what[] = "countermark measures every variant of every compute kernel, and any program of yours, over "
                           "parameter sweeps with hardware "
                           "counters, keeps every sample in one SQLite file, draws reports, and says what got slower, "
                           "since which commit, and why.";

static const struct exit_row {
    const char *code, *meaning;
} exit_rows[] = {
    {"0", "all is well"},
    {"1", "a regression was found"},
    {"2", "the command line or the configuration is wrong"},
    {"3", "nothing could run, or nothing is comparable"},
    {"4", "measured, but not trustworthy"},
    {"5", "a variant computed a wrong result"},
    {"6", "an internal or I/O error"},
    {"130", "interrupted"},
};

/* Appends words, broken so that lines end before WIDTH; `column` is where the text stands now, later lines start at `indent`. */
static void wrap(struct buf *b, const char *text, int column, int indent)
{
    bool first = true;

    while (*text) {
        size_t length = strcspn(text, " \n");

        if (!first && column + 1 + (int)length > WIDTH) {
            buf_addf(b, "\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            buf_add(b, " ");
            column++;
        }
        buf_add_n(b, text, length);
        column += (int)length;
        text += length;
        text += strspn(text, " \n");
        first = false;
    }
    buf_add(b, "\n");
}

/* Paragraphs are parted by blank lines; lines that start with a blank are kept as they are. Calls `prose` or `verbatim`. */
static void each_paragraph(struct buf *b, const char *text, void (*prose)(struct buf *, const char *),
                           void (*verbatim)(struct buf *, const char *))
{
    struct buf paragraph = {0};

    while (*text) {
        size_t length = strcspn(text, "\n");
        bool kept = *text == ' ', blank = length == 0;

        if ((kept || blank) && paragraph.length) {
            prose(b, buf_text(&paragraph));
            buf_clear(&paragraph);
        }
        if (kept) {
            struct buf line = {0};

            buf_add_n(&line, text, length);
            verbatim(b, buf_text(&line));
            buf_free(&line);
        } else if (!blank) {
            buf_add(&paragraph, paragraph.length ? " " : "");
            buf_add_n(&paragraph, text, length);
        }
        text += length + (text[length] == '\n');
    }
    if (paragraph.length)
        prose(b, buf_text(&paragraph));
    buf_free(&paragraph);
}

static void option_words(struct buf *b, const struct option_row *r)
{
    buf_addf(b, r->letter ? "-%c, " : "    ", r->letter);
    buf_addf(b, "--%s", r->name);
    if (r->type != OPTION_FLAG)
        buf_addf(b, " %s", r->value ? r->value : "VALUE");
}

/* The row's sentence, with what may be chosen and whether it may be repeated. */
static void option_meaning(struct buf *b, const struct option_row *r)
{
    buf_add(b, r->help);
    if (r->choices) {
        buf_add(b, ": one of ");
        for (const char *c = r->choices; *c; c++)
            buf_addf(b, *c == ',' ? ", " : "%c", *c);
    }
    if (r->type == OPTION_LIST)
        buf_add(b, " (may be given several times)");
}

static const struct option_row help_row = {
    .name = "help", .letter = 'h', .type = OPTION_FLAG, .help = "shows this text"};

static void option_text(struct buf *b, const struct option_row *r)
{
    struct buf left = {0}, right = {0};
    int column;

    option_words(&left, r);
    option_meaning(&right, r);
    column = (int)left.length + 2;
    buf_addf(b, "  %s", buf_text(&left));
    if (column + 2 > OPTION_COLUMN) {
        buf_add(b, "\n");
        column = 0;
    }
    buf_addf(b, "%*s", OPTION_COLUMN - column, "");
    wrap(b, buf_text(&right), OPTION_COLUMN, OPTION_COLUMN);
    buf_free(&left);
    buf_free(&right);
}

static void usage(struct buf *b, const struct registry_command *row)
{
    buf_addf(b, "countermark %s%s", row->name, row->command->rows ? " [OPTION]..." : "");
    if (row->command->usage && *row->command->usage)
        buf_addf(b, " %s", row->command->usage);
}

static void prose_text(struct buf *b, const char *paragraph)
{
    buf_add(b, "\n");
    wrap(b, paragraph, 0, 0);
}

static void verbatim_text(struct buf *b, const char *line)
{
    buf_addf(b, "%s\n", line);
}

void help_command(struct buf *b, const struct registry_command *row)
{
    const struct command *c = row->command;
    struct buf line = {0};

    usage(&line, row);
    buf_add(b, "usage: ");
    wrap(b, buf_text(&line), 7, 4);
    buf_free(&line);
    prose_text(b, c->summary);
    if (c->details)
        each_paragraph(b, c->details, prose_text, verbatim_text);
    buf_add(b, "\nOptions:\n");
    for (const struct option_row *r = c->rows; r && r->name; r++)
        option_text(b, r);
    option_text(b, &help_row);
    if (c->examples)
        buf_addf(b, "\nExamples:\n%s%s", c->examples, c->examples[strlen(c->examples) - 1] == '\n' ? "" : "\n");
}

void help_overview(struct buf *b)
{
    buf_add(b, "usage: countermark COMMAND [OPTION]... [ARGUMENT]...\n\n");
    wrap(b, what, 0, 0);
    buf_add(b, "\nCommands:\n");
    for (const struct registry_command *c = registry_commands; c->name; c++) {
        if (c->command->hidden)
            continue;
        buf_addf(b, "  %-10s ", c->name);
        wrap(b, c->command->summary, 13, 13);
    }
    buf_add(b, "\nExit codes:\n");
    for (size_t i = 0; i < sizeof exit_rows / sizeof *exit_rows; i++)
        buf_addf(b, "  %-4s %s\n", exit_rows[i].code, exit_rows[i].meaning);
    buf_add(b, "\nMore: countermark COMMAND --help, countermark help config (the settings file), "
               "countermark\nhelp plans (what a plan may say), man countermark\n");
}

static const char about_config[] =
    ".countermark.yaml is looked for in the working folder and, inside a repository, in the folders above it up to its "
    "top. "
    "Everything in it is optional, options of the command line win, and paths are relative to the file's folder.";
static const char about_plans[] =
    "A plan says what run and nightly measure, one statement a line; # starts a comment. Plans of your own stand in "
    ".countermark.yaml under plans: (\"nightly: |\" and the lines below it). A sweep is values joined by commas, "
    "FROM:TO:STEP, pow2:FROM:TO, or all; K, M and G are powers of 1024, and L1, L2, LLC, MEM and CPUS are this "
    "machine's.";
static const char config_example[] = "    machine: bench-7\n"
                                     "    gate:\n"
                                     "      thresholds:\n"
                                     "        - { points: \"io*\", min-effect: 5% }\n"
                                     "    plans:\n"
                                     "      nightly: |\n"
                                     "        collect papi:base\n"
                                     "        simulate 3s\n"
                                     "        command enc n=1000,4000 -- ./prog --encode --size {n}\n";

/* Something that a file may hold, at a depth; both help and man page tell it. */
typedef void tell_word(struct buf *b, int depth, const char *words, const char *meaning);

static void word_text(struct buf *b, int depth, const char *words, const char *meaning)
{
    int column = (int)strlen(words) + 2 * depth + 2;

    buf_addf(b, "%*s%s", 2 * depth + 2, "", words);
    if (column + 2 > OPTION_COLUMN) {
        buf_add(b, "\n");
        column = 0;
    }
    buf_addf(b, "%*s", OPTION_COLUMN - column, "");
    wrap(b, meaning, OPTION_COLUMN, OPTION_COLUMN);
}

static void tell_keys(struct buf *b, const struct config_key *keys, int depth, tell_word *tell)
{
    char words[100];

    for (const struct config_key *k = keys; k->name; k++) {
        snprintf(words, sizeof words, "%s:%s%s", k->name, k->value ? " " : "", k->value ? k->value : "");
        tell(b, depth, words, k->meaning);
        if (k->below)
            tell_keys(b, k->below, depth + 1, tell);
    }
}

static void tell_statements(struct buf *b, tell_word *tell)
{
    char words[100];

    for (const struct plan_statement *s = plan_statements; s->name; s++) {
        snprintf(words, sizeof words, "%s %s", s->name, s->value);
        tell(b, 0, words, s->meaning);
    }
}

bool help_topic(struct buf *b, const char *topic)
{
    bool config = !strcmp(topic, "config");

    if (!config && strcmp(topic, "plans"))
        return false;
    wrap(b, config ? about_config : about_plans, 0, 0);
    buf_addf(b, "\n%s:\n", config ? "Keys" : "Statements");
    if (config)
        tell_keys(b, config_keys, 0, word_text);
    else
        tell_statements(b, word_text);
    buf_addf(b, "\nExample:\n%s", config_example);
    return true;
}

/* Text for roff: nothing in it is a request, hyphens can be copied, and an empty line stays out. */
static void roff(struct buf *b, const char *text)
{
    bool start = true;

    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            buf_add(b, "\\&");
        if (*text == '\\')
            buf_add(b, "\\e");
        else if (*text == '-')
            buf_add(b, "\\-");
        else
            buf_add_n(b, text, 1);
        start = *text == '\n';
    }
}

static void prose_roff(struct buf *b, const char *paragraph)
{
    buf_add(b, ".PP\n");
    roff(b, paragraph);
    buf_add(b, "\n");
}

static void verbatim_roff(struct buf *b, const char *line)
{
    buf_add(b, ".nf\n"); /* its blanks are YAML's */
    roff(b, line);
    buf_add(b, "\n.fi\n");
}

static void option_roff(struct buf *b, const struct option_row *r)
{
    struct buf words = {0}, meaning = {0};

    option_words(&words, r);
    option_meaning(&meaning, r);
    buf_add(b, ".TP\n.B ");
    roff(b, buf_text(&words) + strspn(buf_text(&words), " "));
    buf_add(b, "\n");
    roff(b, buf_text(&meaning));
    buf_add(b, "\n");
    buf_free(&words);
    buf_free(&meaning);
}

static void examples_roff(struct buf *b, const char *lines)
{
    buf_add(b, ".PP\nExamples:\n.PP\n.nf\n");
    roff(b, lines);
    buf_add(b, lines[strlen(lines) - 1] == '\n' ? ".fi\n" : "\n.fi\n");
}

static void command_roff(struct buf *b, const struct registry_command *row)
{
    struct buf line = {0};

    usage(&line, row);
    buf_addf(b, ".SS %s\n.B ", row->name);
    roff(b, buf_text(&line));
    buf_add(b, "\n");
    prose_roff(b, row->command->summary);
    if (row->command->details)
        each_paragraph(b, row->command->details, prose_roff, verbatim_roff);
    for (const struct option_row *r = row->command->rows; r && r->name; r++)
        option_roff(b, r);
    if (row->command->examples)
        examples_roff(b, row->command->examples);
    buf_free(&line);
}

static void word_roff(struct buf *b, int depth, const char *words, const char *meaning)
{
    if (depth)
        buf_addf(b, ".RS %d\n", 4 * depth);
    buf_add(b, ".TP\n.B ");
    roff(b, words);
    buf_add(b, "\n");
    roff(b, meaning);
    buf_add(b, depth ? "\n.RE\n" : "\n");
}

static void topics_roff(struct buf *b)
{
    buf_add(b, ".SH SETTINGS\n");
    roff(b, about_config);
    buf_add(b, "\n");
    tell_keys(b, config_keys, 0, word_roff);
    buf_add(b, ".PP\n.nf\n");
    roff(b, config_example);
    buf_add(b, ".fi\n.SH PLANS\n");
    roff(b, about_plans);
    buf_add(b, "\n");
    tell_statements(b, word_roff);
}

void help_man(struct buf *b)
{
    buf_addf(b, ".TH COUNTERMARK 1 \"\" \"countermark %s\" \"User Commands\"\n", registry_version);
    buf_add(b, ".SH NAME\ncountermark \\- benchmarks with hardware counters, a history and a verdict\n");
    buf_add(b,
            ".SH SYNOPSIS\n.B countermark\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n.SH DESCRIPTION\n");
    roff(b, what);
    buf_add(b, "\n.PP\nEvery command understands\n.BR \\-\\-help .\n.SH COMMANDS\n");
    for (const struct registry_command *c = registry_commands; c->name; c++)
        if (!c->command->hidden)
            command_roff(b, c);
    topics_roff(b);
    buf_add(b, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof exit_rows / sizeof *exit_rows; i++)
        buf_addf(b, ".TP\n.B %s\n%s\n", exit_rows[i].code, exit_rows[i].meaning);
    buf_add(b, ".PP\nWhen several apply, the first of 6, 5, 1, 4, 3, 0 that does is the one.\n");
}
