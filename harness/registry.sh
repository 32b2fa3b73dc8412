#!/bin/sh
# Turns the files that exist into what the build needs to know about them. A plug-in is known by its file's name and stands
# nowhere else, so this is the only place that reads names and leading comments.
#
#   registry.sh flags FILE...     make variables with each file's own flags and libraries
#   registry.sh tables FILE...    C: the tables of harness/registry.h and harness/base/asset.h
#   registry.sh codes OBJECT...   C: a hash of each variant's machine code
#   registry.sh modules MODULE... C: the table of what nvcc made of .cu files
#   registry.sh module_bytes MODULE...   assembler: their bytes
#
# In the environment: OFF, the needs that are switched off, as "openmp=reason|mpi=reason"; EXTRA, a further folder of plug-ins.
# Lines `cflags:`, `libs:`, `needs:` and, in a .cu file, `nvflags:` (flags for nvcc) are read from a file's first comment.
# A .cu file always needs cuda, which for it is nvcc. For any other file it is the headers of CUDA and CUPTI, which come with it as
# CUDA_CFLAGS; collectors/cupti* always need those.
set -eu
export LC_ALL=C

# One line per file: path, path inside its tree, needs that are off with their reason, cflags, libs, kind and name of what it
# defines, nvflags, parted by tabs; the line "failed" after a mistake, since a pipe hides the exit code.
describe() {
    [ $# -gt 0 ] || return 0
    awk -v off="${OFF:-}" -v extra="${EXTRA:-}" -v headers="${CUDA_CFLAGS:-}" '
    function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
    function flush_file(    i, n, list, key, cu, reason, defines) {
        if (path == "") return
        inside = path
        if (extra != "" && index(path, extra "/") == 1) inside = substr(path, length(extra) + 2)
        cu = path ~ /\.cu$/
        if ((cu || inside ~ /^collectors\/cupti/) && needs !~ /cuda/) needs = trim(needs " cuda")
        n = split(needs, list, /[ ,]+/)
        reason = ""; defines = ""
        for (i = 1; i <= n; i++) {
            key = cu && list[i] == "cuda" ? "nvcc" : list[i]
            if (!(list[i] in known)) {
                printf "registry.sh: %s: needs: %s is no build switch\n", path, list[i] > "/dev/stderr"
                print "failed"
            } else if (key in why) {
                reason = reason (reason == "" ? "" : "; ") why[key]
                defines = defines (defines == "" ? "" : " ") "-DWITHOUT_" toupper(list[i])
            } else if (key == "cuda") cflags = trim(cflags " " headers)
        }
        if (reason != "") { cflags = defines; libs = nvflags = "" }
        printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", path, inside, reason, cflags, libs, trim(symbols), nvflags
    }
    BEGIN {
        split("papi openmp valgrind cuda mpi", names, " ")
        for (i in names) known[names[i]] = 1
        n = split(off, rows, "|")
        for (i = 1; i <= n; i++) { cut = index(rows[i], "="); if (cut) why[substr(rows[i], 1, cut - 1)] = substr(rows[i], cut + 1) }
    }
    FNR == 1 { flush_file(); path = FILENAME; cflags = libs = needs = nvflags = symbols = ""; block = /^\/\*/; comment = block || /^\/\// }
    comment && !block && !/^\/\// { comment = 0 }
    comment {
        line = $0
        sub(/^[ \t\/*]+/, "", line); sub(/[ \t]*\*\/.*$/, "", line)
        if (line ~ /^cflags:/) cflags = trim(cflags " " trim(substr(line, 8)))
        if (line ~ /^libs:/) libs = trim(libs " " trim(substr(line, 6)))
        if (line ~ /^nvflags:/) nvflags = trim(nvflags " " trim(substr(line, 9)))
        if (line ~ /^needs:/) needs = trim(needs " " substr(line, 7))
        if (block && /\*\//) comment = 0
    }
    /^const struct (kernel|variant|collector|command) [A-Za-z_]/ { name = $4; sub(/[^A-Za-z0-9_].*/, "", name); symbols = symbols " " $3 ":" name }
    END { flush_file() }' "$@"
}

flags() {
    describe "$@" | awk -F '\t' '
    $0 == "failed" { failed = 1; next }
    {
        gsub(/[$#]/, "", $4); gsub(/[$#]/, "", $7)
        if ($4 != "") printf "cflags-%s := %s\n", $1, $4
        if ($5 != "") printf "libs-%s := %s\n", $1, $5
        if ($7 != "") printf "nvflags-%s := %s\n", $1, $7
    }
    END { exit failed }'
}

# C string literals: one per line of the text.
literal() {
    sed -e 's/["\\?]/\\&/g' -e 's/	/\\t/g' -e 's/^/        "/' -e 's/$/\\n"/' "$1"
    [ -s "$1" ] || echo '        ""'
}

assets() { # TABLE FILE...: the files of one kind, sorted by name
    table=$1
    shift
    printf '\nconst struct asset %s[] = {\n' "$table"
    for file; do
        name=${file##*/}
        printf '%s\t%s\n' "${name%.*}" "$file"
    done | sort | while IFS='	' read -r name file; do
        printf '    {"%s",\n' "$name"
        literal "$file"
        printf '    },\n'
    done
    printf '    {NULL, NULL},\n};\n'
}

select_files() { # PATTERN FILE...: those whose path ends like the pattern
    pattern=$1
    shift
    for file; do
        # The pattern is meant to be one.
        # shellcheck disable=SC2254
        case /$file in
        $pattern) printf '%s\n' "$file" ;;
        esac
    done
}

tables() {
    sources=$(select_files '*.c' "$@") cuda=$(select_files '*.cu' "$@")
    # Paths come from wildcards of the build and hold no blanks.
    # shellcheck disable=SC2086
    describe $sources $cuda | awk -F '\t' '
    function fail(text) { printf "registry.sh: %s\n", text > "/dev/stderr"; failed = 1 }
    function must(symbol, kind) {
        if (index(" " $6 " ", " " kind ":" symbol " ") == 0) fail($1 ": must define `const struct " kind " " symbol "`")
    }
    function text(s) { gsub(/["\\]/, "\\\\&", s); return "\"" s "\"" }
    function row(kind, key, symbol, line) {
        must(symbol, kind)
        if ((kind, key) in seen) fail($1 ": " kind " " key " is there twice, also in " seen[kind, key])
        seen[kind, key] = $1
        printf "%s\t%s\t%s\t%s\n", kind, key, symbol, line
    }
    $0 == "failed" { failed = 1; next }
    {
        n = split($2, part, "/")
        stem = part[n]; sub(/\.cu?$/, "", stem)
        reason = $3 == "" ? "NULL" : text($3)
        flags = $3 != "" ? "" : $4 != "" && $7 != "" ? $4 " " $7 : $4 $7
        if (part[1] == "variants" && n == 3) {
            kernel = part[2]
            if (stem == kernel && $2 !~ /\.cu$/) row("kernel", kernel, "kernel_" kernel, text(kernel) ", &kernel_" kernel)
            else if (index(stem, kernel "_") == 1) {
                name = substr(stem, length(kernel) + 2)
                row("variant", kernel " " name, "variant_" stem, text(kernel) ", " text(name) ", &variant_" stem ", " reason ", " text(flags) ", " text($2))
            } else if ($6 != "") fail($1 ": defines a kernel or variant, but is not named " kernel ".c, " kernel "_HOW.c or " kernel "_HOW.cu")
        } else if (part[1] == "collectors" && n == 2) {
            if ($6 ~ /collector:/) row("collector", stem, "collector_" stem, text(stem) ", &collector_" stem ", " reason ", " text($2))
        } else if (part[1] == "harness" && n == 2 && stem ~ /^cmd_/) {
            name = substr(stem, 5); shown = name; gsub(/_/, "-", shown)
            row("command", shown, "command_" name, text(shown) ", &command_" name)
        } else if ($6 != "") fail($1 ": defines a plug-in in a folder where none is looked for")
    }
    END { if (failed) print "failed" }' | sort >"$work"
    if grep -q '^failed$' "$work"; then
        exit 1
    fi
    echo '/* Written by harness/registry.sh from the files that exist: never edited. */'
    echo '#include "harness/registry.h"'
    echo
    awk -F '\t' '{ printf "extern const struct %s %s;\n", $1, $3 }' "$work"
    for kind in kernel variant collector command; do
        case $kind in
        kernel | command) last='NULL, NULL' ;;
        variant) last='NULL, NULL, NULL, NULL, NULL, NULL' ;;
        *) last='NULL, NULL, NULL, NULL' ;;
        esac
        printf '\nconst struct registry_%s registry_%ss[] = {\n' $kind $kind
        awk -F '\t' -v kind=$kind '$1 == kind { printf "    {%s},\n", $4 }' "$work"
        printf '    {%s},\n};\n' "$last"
    done
    # shellcheck disable=SC2046
    {
        assets asset_schema $(select_files '*/db/schema/*.sql' "$@")
        assets asset_groups $(select_files '*/collectors/groups/*.txt' "$@")
        assets asset_plans $(select_files '*/harness/plans/*.plan' "$@")
        assets asset_reports $(select_files '*/reports/*.gp' "$@")
    }
}

# Instructions, those for a GPU too, constants and the names they refer to; debug information and addresses of other objects stay
# out.
code_text() {
    for object; do
        ${OBJDUMP:-objdump} -s -r "$object" | awk '
            /^Contents of section/ { on = ($4 ~ /^\.(text|rodata|nv_fatbin)/); if (on) print $4; next }
            /^RELOCATION RECORDS FOR/ { on = ($4 ~ /^\[\.(text|rodata)/); if (on) print $4; next }
            on && NF { print }'
    done
}

codes() {
    echo '/* Written by harness/registry.sh from the compiled variants: never edited. */'
    echo '#include "harness/registry.h"'
    echo
    echo 'const struct registry_code registry_codes[] = {'
    for object; do
        case $object in
        "$BUILD"/modules/*) continue ;;
        esac
        file=${object##*/}
        folder=${object%/*}
        kernel=${folder##*/}
        variant=${file%.o}
        # The kernel's own code stands under the empty name: cached reference results depend on it.
        case $variant in
        "$kernel"_*) ;;
        "$kernel") variant=${kernel}_ ;;
        *) continue ;;
        esac
        # What the folder's variants share belongs to each of them; the kernel itself does not.
        shared=
        for other; do
            name=${other##*/}
            case $other in
            "$folder"/*) ;;
            *) continue ;;
            esac
            case $name in
            "$kernel".o | "$kernel"_*) ;;
            *) shared="$shared $other" ;;
            esac
        done
        # A .cu file's other half.
        module=${BUILD:-}/modules/${object#"${BUILD:-}"/}
        case " $* " in
        *" $module "*) shared="$shared $module" ;;
        esac
        # shellcheck disable=SC2086
        hash=$(code_text "$object" $shared | sha256sum)
        printf '    {"%s", "%s", "%s"},\n' "$kernel" "${variant#"$kernel"_}" "${hash%% *}"
    done
    printf '    {NULL, NULL, NULL},\n};\n'
    printf '\nconst char registry_version[] = "%s";\n' "$(quoted "${VERSION:-}")"
    printf 'const char registry_compiler[] = "%s";\n' "$(quoted "${COMPILER:-}")"
    printf 'const char registry_flags[] = "%s";\n' "$(quoted "${FLAGS:-}")"
}

# Of build/modules/variants/null/null_cuda.so: "null cuda".
module_names() {
    folder=${1%/*}
    file=${1##*/}
    kernel=${folder##*/}
    variant=${file%.so}
    variant=${variant#"$kernel"_}
}

modules() {
    echo '/* Written by harness/registry.sh from what nvcc made: never edited. */'
    echo '#include "harness/registry.h"'
    echo
    for module; do
        module_names "$module"
        printf 'extern const unsigned char module_begin_%s_%s[], module_end_%s_%s[];\n' \
            "$kernel" "$variant" "$kernel" "$variant"
    done
    printf '\nconst struct registry_module registry_modules[] = {\n'
    for module; do
        module_names "$module"
        printf '    {"%s", "%s", module_begin_%s_%s, module_end_%s_%s},\n' \
            "$kernel" "$variant" "$kernel" "$variant" "$kernel" "$variant"
    done
    printf '    {NULL, NULL, NULL, NULL},\n};\n'
    printf '\nconst char registry_cuda[] = "%s";\n' "$(quoted "${CUDA:-}")"
}

module_bytes() {
    echo '/* Written by harness/registry.sh: the modules as bytes, on pages that only a worker of theirs touches. */'
    for module; do
        module_names "$module"
        printf '    .section .rodata.modules,"a"\n    .balign 64\n'
        for edge in begin end; do
            symbol=module_${edge}_${kernel}_$variant
            printf '    .globl %s\n    .hidden %s\n%s:\n' "$symbol" "$symbol" "$symbol"
            [ $edge = end ] || printf '    .incbin "%s"\n' "$module"
        done
        printf '    .byte 0\n'
    done
    echo '    .section .note.GNU-stack,"",%progbits'
}

quoted() {
    printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'
}

work=$(mktemp)
trap 'rm -f "$work"' EXIT
mode=$1
shift
case $mode in
flags | tables | codes | modules | module_bytes) "$mode" "$@" ;;
*)
    echo "registry.sh: unknown mode $mode: flags, tables, codes, modules or module_bytes" >&2
    exit 2
    ;;
esac
