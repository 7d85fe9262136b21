/** Who acts in a step: the visitor, or an agent by first name. */
export type Agent = 'Ana' | 'Ben' | 'Mira';
export type Step =
	| { minutesAgo: number; visitor: string }
	| { minutesAgo: number; escalate: true }
	| { minutesAgo: number; reply: string; by: Agent }
	| { minutesAgo: number; note: string; by: Agent }
	| { minutesAgo: number; resolve: true; by: Agent };

export interface DemoConversation {
	visitor: { name: string | null; email: string | null; browser: string };
	/** The page of the demo shop that the visitor is on. */
	page: { path: string; title: string };
	steps: Step[];
}

export const QUICK_QUESTIONS = [
	{
		question: 'Do you ship to islands?',
		answer:
			'Yes, to every island with a freight ferry. It takes two days longer and costs 25 euros more for a kayak.'
	},
	{
		question: 'Which paddle length do I need?',
		answer: 'Up to 1.70 m tall: 210 cm. Up to 1.85 m: 220 cm. Taller, or in a wide boat: 230 cm.'
	},
	{
		question: 'How do I return something?',
		answer:
			'Within 30 days, unused. We collect a kayak at your door; smaller things go back with the label in the parcel.'
	}
];

/** What a shop that sells kayaks is asked in a day, oldest first. */
export const CONVERSATIONS: DemoConversation[] = [
	{
		visitor: { name: null, email: null, browser: 'Firefox on Linux' },
		page: { path: '/delivery', title: 'Delivery' },
		steps: [
			{ minutesAgo: 310, visitor: 'Do you ship to Austria?' },
			{ minutesAgo: 309, escalate: true },
			{
				minutesAgo: 307,
				reply: 'We do: Graz is three working days, 49 euros for a kayak.',
				by: 'Ben'
			},
			{ minutesAgo: 306, visitor: 'Good, then I will order tonight' }
		]
	},
	{
		visitor: {
			name: 'Ingrid Johansen',
			email: 'ingrid@johansen.example',
			browser: 'Chrome on Android'
		},
		page: { path: '/orders', title: 'Your orders' },
		steps: [
			{ minutesAgo: 190, visitor: 'I ordered the dry bag in yellow but want it in blue' },
			{ minutesAgo: 189, escalate: true },
			{
				minutesAgo: 188,
				reply: 'Changed to blue, Ingrid. It leaves our store tomorrow.',
				by: 'Mira'
			},
			{ minutesAgo: 186, visitor: 'Perfect, thank you' },
			{ minutesAgo: 185, resolve: true, by: 'Mira' }
		]
	},
	{
		visitor: { name: 'Dario Conti', email: 'dario@conti.example', browser: 'Chrome on Windows' },
		page: { path: '/spray-skirts', title: 'Spray skirts' },
		steps: [
			{ minutesAgo: 150, visitor: 'Is the spray skirt for the Fjord back in stock?' },
			{ minutesAgo: 149, escalate: true },
			{ minutesAgo: 146, reply: 'The spray skirt is back in stock since this morning.', by: 'Ana' }
		]
	},
	{
		visitor: { name: 'Mateo Prieto', email: null, browser: 'Safari on iPhone' },
		page: { path: '/paddles', title: 'Paddles' },
		steps: [
			{ minutesAgo: 120, visitor: 'Which paddle length do I need?' },
			{ minutesAgo: 118, visitor: 'Which paddle length for 1.86 m?' },
			{ minutesAgo: 117, escalate: true },
			{
				minutesAgo: 115,
				reply: '230 cm, and 220 if your boat is narrow. Which one is it?',
				by: 'Ben'
			}
		]
	},
	{
		visitor: { name: 'Camille Roux', email: 'camille@roux.example', browser: 'Firefox on macOS' },
		page: { path: '/returns', title: 'Returns and warranty' },
		steps: [
			{ minutesAgo: 75, visitor: 'One of the foot braces came loose on the first trip' },
			{ minutesAgo: 74, escalate: true },
			{
				minutesAgo: 73,
				reply: 'That is covered. Two photos of the rail are enough, then a new one is on its way.',
				by: 'Ana'
			},
			{ minutesAgo: 70, visitor: 'Merci, I will send the photos tonight' }
		]
	},
	{
		visitor: { name: 'Lena Hoffmann', email: 'lena@hoffmann.example', browser: 'Safari on iPhone' },
		page: { path: '/returns', title: 'Returns and warranty' },
		steps: [
			{
				minutesAgo: 22,
				visitor:
					'Hi, my Fjord 520 came this morning and the hull has a dent right behind the hatch.'
			},
			{ minutesAgo: 21, visitor: 'A replacement would be best, but we leave on Saturday.' },
			{ minutesAgo: 20, escalate: true },
			{
				minutesAgo: 19,
				reply:
					'Hello Lena, Ana here. That is clearly transport damage. We have one more in sea green. I can have it at your door on Friday afternoon or Saturday by 9.',
				by: 'Ana'
			},
			{ minutesAgo: 18, note: 'Ben, please hold the sea green one in the Kiel store', by: 'Ana' },
			{ minutesAgo: 16, visitor: 'Saturday morning would save the trip!' }
		]
	},
	{
		visitor: { name: 'Kenji Mori', email: 'kenji@mori.example', browser: 'Chrome on Windows' },
		page: { path: '/courses', title: 'Courses' },
		steps: [
			{ minutesAgo: 9, visitor: 'I cannot find my booking for the rolling course' },
			{ minutesAgo: 8, escalate: true }
		]
	},
	{
		visitor: { name: 'Oluwaseun Adeyemi', email: null, browser: 'Chrome on Android' },
		page: { path: '/rental', title: 'Rental' },
		steps: [
			{ minutesAgo: 5, escalate: true },
			{ minutesAgo: 4, visitor: 'Is the double touring kayak free on the 14th?' }
		]
	}
];
