/*
 * The page's style sheet.  After a change tests/html/run.py says what its hash is now.
 */
#include "probe/report_html_parts.h"

#include "probe/version.h"

/* clang-format off */
static const char *const report_style[] = {
	":root{color-scheme:light dark;--page:#fff;--ink:#1d2329;--dim:#5c6670;"
	"--line:#d5dbe1;--shade:#f4f6f8;--link:#0b5cad;--good:#2c8f57;--fair:#a8910f;"
	"--poor:#d9730d;--bad:#c93838;--none:#8b949e;--late:#e0a100;--jitter:#7a4fc0;"
	"--pdv:#1f7fb5;--gap:#e4e8ec}\n"
	"@media (prefers-color-scheme:dark){:root{--page:#14181d;--ink:#e3e8ed;"
	"--dim:#9aa5b0;--line:#333c46;--shade:#1d232a;--link:#79b8ff;--good:#3fae72;"
	"--fair:#c7b03a;--poor:#ee8f3c;--bad:#ef6a6a;--none:#7d8690;--late:#f0c04a;"
	"--jitter:#b393f0;--pdv:#5cb3e4;--gap:#28303a}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;max-width:1180px;padding:1rem 1.25rem 4rem;background:var(--page);"
	"color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.6rem;line-height:1.25;margin:.4rem 0 .6rem}\n"
	"h2{font-size:1.2rem;margin:2.2rem 0 .6rem}\n"
	"h4{font-size:1rem;margin:0 0 .3rem}\n"
	"h4 small{font-weight:400;color:var(--dim);overflow-wrap:anywhere}\n"
	"p{margin:.4rem 0}small{font-size:.85em}a{color:var(--link)}\n"
	".dim,caption,figcaption{color:var(--dim);font-size:.875rem}\n"
	".lead{font-size:1.1rem}\n"
	"ul{margin:.4rem 0;padding-left:1.3rem}\n"
	".source{overflow-wrap:anywhere}\n"
	"dl{margin:.6rem 0}dd{margin:0}\n"
	".figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));"
	"gap:.5rem}\n"
	".figures>div{background:var(--shade);border-radius:6px;padding:.35rem .6rem}\n"
	".figures dt{color:var(--dim);font-size:.8rem;line-height:1.3}\n"
	".figures dd{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
	".head{grid-template-columns:repeat(auto-fit,minmax(7rem,1fr))}"
	".head dd{font-size:1.25rem}\n"
	".rows{display:grid;grid-template-columns:repeat(auto-fill,minmax(26rem,1fr));"
	"gap:.1rem 1.5rem}\n"
	".rows>div{display:grid;grid-template-columns:9rem 1fr;gap:.6rem;min-width:0}\n"
	".rows dt{color:var(--dim)}.rows dd{overflow-wrap:anywhere;min-width:0}\n"
	".scroll{overflow-x:auto}\n"
	"table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
	"caption{text-align:left;padding:.2rem 0}\n"
	"th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);"
	"vertical-align:top}\n"
	"thead th{color:var(--dim);font-weight:400;font-size:.85rem;white-space:nowrap}\n"
	"td.n,th.n{text-align:right}tbody th{font-weight:400}\n"
	".calls td{white-space:nowrap}.calls td.who{white-space:normal;min-width:min(14rem,38vw);"
	"overflow-wrap:anywhere}\n"
	".small{font-size:.875rem}.small th,.small td{white-space:nowrap}\n"
	,
	".mos{display:inline-block;min-width:2.9em;text-align:center;border-radius:4px;"
	"padding:0 .35em;border-left:.45em solid var(--none);background:var(--shade);"
	"font-weight:600}\n"
	".figures .mos{background:var(--page)}\n"
	".mos.good{border-color:var(--good)}.mos.fair{border-color:var(--fair)}"
	".mos.poor{border-color:var(--poor)}.mos.bad{border-color:var(--bad)}\n"
	"details{margin:.5rem 0}\n"
	"summary{cursor:pointer}\n"
	"summary:focus-visible,.scroll:focus-visible,pre:focus-visible,a:focus-visible{"
	"outline:3px solid var(--link);outline-offset:2px}\n"
	".call{border:1px solid var(--line);border-radius:8px}\n"
	".call>summary{padding:.5rem .8rem;background:var(--shade);border-radius:8px;"
	"overflow-wrap:anywhere}\n"
	".call>summary em{font-style:normal;color:var(--dim)}\n"
	".inside{padding:.4rem .9rem .9rem;scroll-margin-top:4rem}\n"
	".inside:target{box-shadow:inset 4px 0 var(--link)}\n"
	".leg,.stream{margin-top:1rem;padding-top:.8rem;border-top:1px solid var(--line)}\n"
	"pre{font:13px/1.35 ui-monospace,monospace;background:var(--shade);border-radius:6px;"
	"padding:.7rem;overflow-x:auto;margin:.4rem 0}\n"
	"figure{margin:.8rem 0}\n"
	".pair{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,7fr);gap:1.5rem}\n"
	,
	"svg{display:block;width:100%;height:auto}\n"
	".timeline{min-width:640px}\n"
	".histogram{max-width:480px}\n"
	"svg text{fill:var(--dim);font:12px system-ui,sans-serif}\n"
	"path{fill-opacity:.85}svg .t{fill:var(--ink)}svg .l{font-size:11px}\n"
	".g{stroke:var(--line);fill:none}\n"
	"path.good{fill:var(--good)}path.fair{fill:var(--fair)}path.poor{fill:var(--poor)}"
	"path.bad{fill:var(--bad)}path.lost{fill:var(--bad)}path.late{fill:var(--late)}path.capture{fill:var(--none)}"
	"path.burst{fill:var(--ink)}.pdv-bar{fill:var(--pdv)}rect.gap{fill:var(--gap)}\n"
	"path.jitter,path.pdv{fill:none;stroke-width:2;stroke-linecap:round;"
	"stroke-linejoin:round}path.jitter{stroke:var(--jitter)}path.pdv{stroke:var(--pdv)}\n"
	".h{fill:transparent}.h:hover{fill:var(--ink);fill-opacity:.1}\n"
	".key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .3em 0 .5em}"
	".key.lost{background:var(--bad)}.key.late{background:var(--late)}.key.capture{background:var(--none)}"
	".key.burst{background:var(--ink)}.key.jitter{background:var(--jitter)}"
	".key.pdv{background:var(--pdv)}.key.gap{background:var(--gap);"
	"border:1px solid var(--line)}\n"
	"@media (max-width:760px){body{padding:.6rem .7rem 3rem}.pair{display:block}"
	".rows{grid-template-columns:1fr}.rows>div{grid-template-columns:7.5rem 1fr}"
	".timeline{min-width:760px}.calls .opt{display:none}.calls td{white-space:normal}.inside{padding:.3rem .5rem .6rem}}\n"
	"@media print{body{max-width:none;font-size:11px;padding:0}"
	"details::details-content{content-visibility:visible;display:block}"
	".call{break-inside:auto}.stream figure,.leg,tr{break-inside:avoid}"
	"pre{white-space:pre-wrap}.scroll{overflow:visible}.timeline{min-width:0}"
	"*{print-color-adjust:exact}}\n",
	NULL
};
/* clang-format on */

static const char report_style_hash[] =
        "sha256-2cZ37d/B0j92xnzJPbFWMtsJBmTCE36jrqShbqfLDdw=";

void report_begin(struct buffer *to, const char *title)
{
	buffer_format(
	        to,
	        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	        "'none'; style-src '%s'; base-uri 'none'; form-action 'none'\">\n"
	        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	        "<meta name=\"generator\" content=\"earshot %s\">\n"
	        "<meta name=\"referrer\" content=\"no-referrer\">\n"
	        "<title>%s</title>\n<style>",
	        report_style_hash, EARSHOT_VERSION, title);
	for (size_t i = 0; report_style[i]; i++)
		buffer_add_string(to, report_style[i]);
	buffer_add_string(to, "</style>\n</head>\n<body>\n");
}
