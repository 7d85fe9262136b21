/** Of the bundler's context what is asked here. */
interface Graph {
	getModuleInfo(id: string): { importers: readonly string[] } | null;
}

/** What shows the inbox: Kit's own client, the layouts and the page. */
const INBOX = [
	/kit\/src\/runtime\/client\/entry\.js$/,
	/kit\/src\/runtime\/components\/svelte-5\/error\.svelte$/,
	/src\/routes\/\+layout\.(svelte|ts)$/,
	/src\/routes\/\(app\)\/\+layout\.svelte$/,
	/src\/routes\/\(app\)\/chats\/.*\+(layout|page)\.(svelte|ts)$/
];
/** What somebody sees who has not signed in. */
const DOOR = /src\/routes\/\(auth\)\//;
/** Kit's own module of a page or layout. */
const NODE = /client-optimized\/nodes\//;

/** The modules that lead to this one without an `import()`, itself included. */
function importersOf(id: string, graph: Graph): string[] {
	const found = new Set([id]);
	for (const each of found)
		for (const importer of graph.getModuleInfo(each)?.importers ?? []) found.add(importer);
	return [...found];
}

function chunkOf(id: string, graph: Graph): string | null {
	const importers = importersOf(id, graph);
	if (importers.some((importer) => INBOX.some((part) => part.test(importer)))) return 'inbox';
	if (importers.filter((importer) => NODE.test(importer)).length < 2) return null;
	return importers.some((importer) => DOOR.test(importer)) ? 'door' : 'pages';
}

/**
 * The chunks of what pages share, the first that takes a module keeps it with all that it imports. A chunk for each set
 * of pages that shares something, the bundler's own way, would be two hundred files: as many requests of the worker
 * that keeps them, and a sixth more to load before the inbox can be seen, since each is compressed by itself.
 */
export const sharedChunks = ['inbox', 'door', 'pages'].map((chunk, n, { length }) => ({
	priority: length - n,
	name: (id: string, graph: Graph) => (chunkOf(id, graph) === chunk ? chunk : null)
}));
