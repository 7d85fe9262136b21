import { Hono } from 'hono';
import { html, raw } from 'hono/html';

interface DemoSite {
	/** Where Bellhop is, as the visitor's browser sees it. */
	publicOrigin: string;
	botId: string;
}

interface DemoPage {
	title: string;
	lead: string;
}

const PAGES: Record<string, DemoPage> = {
	'/': {
		title: 'Quiet boats for cold water',
		lead: 'Hand-laid touring kayaks from Kiel, delivered to your jetty. Try one for a weekend; keep it if you miss it on Monday.'
	},
	'/rental': {
		title: 'Rent one for the weekend',
		lead: 'From Friday noon to Monday morning, with paddle, spray deck and dry bag. We bring it to the water and fetch it again.'
	}
};

const CSS = `
*{box-sizing:border-box;margin:0}
body{min-height:100vh;background:#fff;color:#22303a;font:400 1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
header{display:flex;flex-wrap:wrap;gap:8px 28px;align-items:center;padding:20px 6vw;font-size:.9375rem}
header b{margin-right:auto;font:700 1.25rem Georgia,"DejaVu Serif",serif}
a{color:inherit}
.hero{position:relative;height:300px;margin:0 6vw;overflow:hidden;border-radius:6px;background:linear-gradient(178deg,#c9dde3 0 38%,#7fa6b3 38.3% 44%,#3d7384 44.3% 60%,#245566 60.5%)}
.hero::after{content:"";position:absolute;bottom:64px;left:16%;width:min(360px,70%);height:30px;border-radius:2px 2px 200px 200px/2px 2px 60px 60px;background:#e0673f;transform:rotate(-2deg)}
h1{padding:28px 6vw 8px;font:400 2.25rem/1.2 Georgia,"DejaVu Serif",serif}
p{max-width:calc(640px + 12vw);padding:0 6vw;color:#55646e}
@media(prefers-color-scheme:dark){body{background:#14191c;color:#dfe5e8}p{color:#9fadb5}.hero{filter:brightness(.62)}}
@media(max-width:719px){h1{font-size:1.75rem}.hero{height:220px}}
`;

const page = ({ title, lead }: DemoPage, { publicOrigin, botId }: DemoSite) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>${title} · Tideline Kayaks</title>
<link rel="icon" href="data:,">
<style>${raw(CSS)}</style>
<script async src="${publicOrigin}/widget.js" data-bot="${botId}"></script>
</head>
<body>
<header><b>Tideline Kayaks</b><a href="/">Kayaks</a><a href="/rental">Rental</a></header>
<main>
<div class="hero"></div>
<h1>${title}</h1>
<p>${lead}</p>
</main>
</body>
</html>`;

/** A shop on another origin, with the widget on two pages: for the demo, and for seeing both sides of a chat. */
export function demoSite(site: DemoSite): Hono {
	const app = new Hono();
	for (const [path, content] of Object.entries(PAGES))
		app.get(path, (c) => c.html(page(content, site)));
	return app;
}
