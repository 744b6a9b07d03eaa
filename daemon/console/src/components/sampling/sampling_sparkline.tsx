import type { SamplingCounts } from "../../model/sampling/sampling_counts";

const HEIGHT = 24;
const COLUMN = 4;

/** Requests by minute, those that were recorded dark. */
export function SamplingSparkline(props: {
  readonly minutes: SamplingCounts["minutes"];
  readonly label: string;
}) {
  const { minutes, label } = props;
  const most = minutes.reduce((greatest, { requests }) => Math.max(greatest, requests), 0);
  if (most === 0) return <span class="note">nothing reported</span>;
  const height = (count: number) => (count === 0 ? 0 : Math.max(1, (count / most) * HEIGHT));
  return (
    <svg
      class="sparkline"
      role="img"
      aria-label={label}
      width={minutes.length * COLUMN}
      height={HEIGHT}
      viewBox={`0 0 ${minutes.length * COLUMN} ${HEIGHT}`}
    >
      {minutes.map(({ requests, sampled }, index) => (
        <g key={index}>
          <Column x={index * COLUMN} height={height(requests)} style="requests" />
          <Column x={index * COLUMN} height={height(Math.min(sampled, requests))} style="sampled" />
        </g>
      ))}
    </svg>
  );
}

function Column({ x, height, style }: { x: number; height: number; style: string }) {
  if (height === 0) return null;
  return <rect class={style} x={x} y={HEIGHT - height} width={COLUMN - 1} height={height} />;
}
