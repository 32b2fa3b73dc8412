#!/bin/bash
# report: headless Chromium loads every page, wide and light, then narrow and dark: no message on the console, every picture there and
# the one made for that window, nothing wider than the window.
# time: 600
. "$TOP/tests/tap.sh"

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "chromium is missing"
command -v gnuplot >/dev/null || skip "gnuplot is missing"

cat >.countermark.yaml <<'E'
plans:
  small: |
    launches 2
    target 2ms
    collect wall
    use mandelbrot/serial,simd* size=60,100,200 maxiter=30
    use triad/* size=16K,64K,1M
E
exits 0 "a small run" "$COUNTERMARK" run --plan small --db r.db
exits 0 "its report" "$COUNTERMARK" report --db r.db -o site

# The pages hold no script: a copy of each gets one that looks at it from inside.
probe='<script>addEventListener("load", function () {
  var all = Array.from(document.images), bad = all.filter(function (i) {
    return !i.complete || !i.naturalWidth || i.currentSrc.replace(/.*\/[a-z0-9]+-[a-z_]+/, "") !== "FORM.svg"; });
  var wide = document.documentElement.scrollWidth - innerWidth;
  document.title = "probe: " + all.length + " pictures, " + bad.length + " bad" + (wide > 0 ? ", too wide by " + wide : "") +
    (getComputedStyle(document.querySelector("nav")).display === "flex" ? "" : ", no style");
});</script></body>'

look() { # FOLDER PAGE FORM FLAG...: what the probe says, and what stands on the console
    local folder=$1 page=$2 form=$3
    shift 3
    rm -rf probed && cp -r "$folder" probed
    PROBE=${probe/FORM/$form} perl -pe 's|</body>|$ENV{PROBE}|' "$folder/$page" >"probed/$page"
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$PWD/profile" \
        --virtual-time-budget=5000 --enable-logging=stderr --dump-dom "$@" "file://$PWD/probed/$page" >dom 2>log
    grep -o '<title>probe[^<]*' dom | sed 's/<title>//' || echo "no answer from the page"
    grep CONSOLE log
}

for page in site/*.html; do
    page=${page#site/}
    pictures=$(grep -c '<img' "site/$page")
    is "$page, wide and light" "$(look site "$page" "" --window-size=1000,800)" "probe: $pictures pictures, 0 bad"
    is "$page, narrow and dark" "$(look site "$page" "-narrow-dark" --window-size=500,800 --blink-settings=preferredColorScheme=0)" \
        "probe: $pictures pictures, 0 bad"
done
ok "there are pictures to look at" test "$(cat site/*.html | grep -c '<img')" -ge 6

# The probe sees what it is for.
cp -r site broken
rm broken/mandelbrot-ladder.svg
pictures=$(grep -c '<img' site/mandelbrot.html)
is "a missing picture is seen" "$(look broken mandelbrot.html "" --window-size=1000,800 | head -n 1)" "probe: $pictures pictures, 1 bad"
is "so are pictures for another window" "$(look site mandelbrot.html "-dark" --window-size=1000,800 | head -n 1)" \
    "probe: $pictures pictures, $pictures bad"
done_testing
