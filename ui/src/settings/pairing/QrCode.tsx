import { qrPath, quietZone } from "./qrPath";

/** A code to be read by a camera: dark on white in every theme, as readers want it. Its name says what it leads to. */
export function QrCode(props: { rows: readonly string[]; label: string }) {
  const side = () => props.rows.length + 2 * quietZone;
  return (
    <svg class="pair-qr" viewBox={`0 0 ${side()} ${side()}`} role="img" aria-label={props.label} shape-rendering="crispEdges" data-testid="pairing-qr">
      <path d={qrPath(props.rows)} />
    </svg>
  );
}
