/**
 * Keeps `--viewport` at the height that a keyboard leaves free. iOS lays its keyboard over the page
 * without resizing it (`interactive-widget` is Chromium's), so the composer would lie under it.
 */
export function followViewport(): () => void {
	const viewport = window.visualViewport;
	if (!viewport) return () => {};
	const follow = () => {
		document.documentElement.style.setProperty('--viewport', `${viewport.height}px`);
		if (viewport.offsetTop > 0 && viewport.scale === 1) window.scrollTo(0, 0);
	};
	follow();
	viewport.addEventListener('resize', follow);
	viewport.addEventListener('scroll', follow);
	return () => {
		viewport.removeEventListener('resize', follow);
		viewport.removeEventListener('scroll', follow);
	};
}
