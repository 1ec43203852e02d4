/** Draws a topology as a Mermaid flowchart, which GitHub, GitLab and many editors show as a picture. */
export function mermaid({ hosts, routers, wires }) {
  const lines = ['flowchart LR'];
  for (const name of Object.keys(routers)) lines.push(`  ${name}{{${name}}}`);
  for (const name of Object.keys(hosts)) lines.push(`  ${name}[${name}]`);
  for (const { ends, tbf, netem } of wires) {
    const [[a, left], [b, right]] = Object.entries(ends);
    const label = [left, right];
    if (tbf) label.push(`${tbf.rate / 1e6} Mbit/s`);
    if (netem?.latency) label.push(`${netem.latency} ms`);
    if (netem?.loss) label.push(`${netem.loss} % loss`);
    lines.push(`  ${a} ---|"${label.join('<br>')}"| ${b}`);
  }
  return lines.join('\n');
}
