/** What a website's pages need to show the bot's widget. */
export const embedCode = (origin: string, botId: string): string =>
	`<!-- Bellhop chat -->\n<script async src="${origin}/widget.js" data-bot="${botId}"></script>`;
