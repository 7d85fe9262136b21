import { Agent, request } from 'node:http';

/** One POST whose answer is read to its end; resolves to the status. */
export interface Post {
	url: string;
	headers: Record<string, string>;
	body: string;
}

function send(agent: Agent, { url, headers, body }: Post): Promise<number> {
	return new Promise((resolve, reject) => {
		const outgoing = request(
			url,
			{
				method: 'POST',
				agent,
				headers: {
					'Content-Type': 'application/json',
					'Content-Length': Buffer.byteLength(body),
					...headers
				}
			},
			(answer) => {
				answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
			}
		);
		outgoing.on('error', reject).end(body);
	});
}

interface Load {
	connections: number;
	/** Whether to go on, asked before the nth post: those it refuses are not sent. */
	isWanted(n: number): boolean;
}

/** Posts in turn over kept-alive connections, each as fast as it is answered; resolves to answers per second. */
async function post(posts: readonly Post[], { connections, isWanted }: Load): Promise<number> {
	const agent = new Agent({ keepAlive: true, maxSockets: connections });
	const startedAt = performance.now();
	let answered = 0;
	const connection = async (first: number) => {
		for (let n = first; isWanted(n); n += connections) {
			const post = posts[n % posts.length];
			if (!post) throw new Error('nothing to post');
			const status = await send(agent, post);
			if (status >= 300) throw new Error(`${post.url} answered ${status}`);
			answered++;
		}
	};
	await Promise.all(Array.from({ length: connections }, (_, first) => connection(first)));
	const rate = (answered * 1000) / (performance.now() - startedAt);
	agent.destroy();
	return rate;
}

/**
 * Posts for `durationMs` over `connections`.
 * @returns answers per second
 * @throws where an answer is not a success: a rate of errors would be no rate
 */
export function requestsPerSecond(
	posts: readonly Post[],
	{ connections, durationMs }: { connections: number; durationMs: number }
): Promise<number> {
	const endsAt = performance.now() + durationMs;
	return post(posts, { connections, isWanted: () => performance.now() < endsAt });
}

/** Posts each of them once over `connections`. Returns and throws the same. */
export function postEach(
	posts: readonly Post[],
	{ connections }: { connections: number }
): Promise<number> {
	return post(posts, { connections, isWanted: (n) => n < posts.length });
}
