#!/bin/bash
# run on a terminal: one line that is rewritten and taken away at the end; Ctrl-C stops in order. Piped: plain lines.
. "$TOP/tests/tap.sh"

python3 -c "import pty; pty.openpty()" 2>err || skip "no pseudo-terminal can be opened here: $(tail -n 1 err)"

cat >.countermark.yaml <<'E'
plans:
  tiny: |
    launches 100
    target 20ms
    collect wall
    use mandelbrot/serial size=100 maxiter=30
E
cat >terminal.py <<'E'
# Runs a command on a terminal of its own, presses Ctrl-C when its output matches a pattern, and tells output and exit status.
import os, pty, re, sys, time, select, fcntl, termios, struct
word, command = sys.argv[1].encode(), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execv(command[0], command)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
output, pressed, deadline = b"", False, time.time() + 60
while time.time() < deadline:
    if select.select([fd], [], [], 0.1)[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        output += data
        if word and re.search(word, output) and not pressed:
            os.write(fd, b"\x03")
            pressed = True
open("screen", "wb").write(output)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
E

is "on a terminal: exit 0" "$(python3 terminal.py "" "$COUNTERMARK" run --plan tiny --launches 8 --no-anchor)" 0
ok "one line that is rewritten" python3 -c '
screen = open("screen", "rb").read()
parts = screen.split(b"\r\x1b[K")
lines = [p for p in parts if b"/8, " in p and b" left: mandelbrot/serial" in p]
assert len(lines) >= 2, screen
assert all(len(p.split(b"\n")[-1]) < 60 for p in lines), lines
assert b"8 of 8 launches measured" in parts[-1], parts[-1]
'
is "Ctrl-C: exit 130" "$(python3 terminal.py "[1-9][0-9]*/100" "$COUNTERMARK" run --plan tiny --no-anchor)" 130
ok "Ctrl-C: the way on is told" grep -aq 'go on with: countermark run --resume' screen
is "Ctrl-C: no launch is blamed" "$(sqlite3 countermark.db "SELECT count(*) FROM launch WHERE status NOT IN ('done', 'planned')")" 0
exits 0 "resumed" "$COUNTERMARK" run --resume
is "all is there" "$(sqlite3 countermark.db "SELECT status, count(*) FROM launch WHERE run = 2 GROUP BY 1")" "done|100"

exits 0 "piped" "$COUNTERMARK" run --plan tiny --launches 130 --no-anchor
lacks err "$(printf '\r')" "no rewriting"
ok "plain lines" grep -Eq '^[0-9]+/130 launches, .* gone, about .* left: mandelbrot/serial' err
exits 0 "piped, off" "$COUNTERMARK" run --plan tiny --launches 5 --progress off
ok "plan and nothing else" test "$(wc -l <err)" -le 1
done_testing
