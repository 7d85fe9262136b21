import type { BotRow } from '../../store/bot.ts';

const words = (text: string) => text.trim().replace(/\s+/g, ' ').toLowerCase();

/**
 * What a bot without a program says: the answer to one of its quick questions, else honestly that
 * it has none, with the way to a person where there is one.
 */
export function answer(bot: BotRow, body: string): string {
	const asked = words(body);
	const known = bot.quickQuestions.find(({ question }) => words(question) === asked);
	if (known?.answer) return known.answer;
	return bot.humanEscalation
		? 'I have no answer to that. A person can help: choose “Talk to a person”.'
		: 'I have no answer to that.';
}
