/** The mark of the app: an open ring and the one who works in it. */
export function Brand() {
  return (
    <svg class="brand" viewBox="0 0 18 18" aria-hidden="true">
      <path d="M9 1.25a7.75 7.75 0 1 0 7.75 7.75" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
      <circle class="mark" cx="14" cy="4" r="2.5" />
    </svg>
  );
}
