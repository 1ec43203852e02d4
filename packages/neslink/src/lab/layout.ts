/** A place in a picture. */
export interface Point {
  x: number;
  y: number;
}

const STEPS = 400;
/** How long a link should be. */
const LINK_LENGTH = 1;
/** How far a node moves in the first step, at most; it moves less and less. */
const FIRST_STEP = 0.3;

/**
 * Places nodes so that linked ones are near each other and all others are not (Fruchterman and Reingold, 1991). Nothing
 * in it is random: the same topology gives the same picture.
 */
export function layOut(names: readonly string[], links: readonly (readonly [string, string])[]): Map<string, Point> {
  const points = names.map((_, index): Point => {
    const angle = (2 * Math.PI * index) / names.length;
    // Not quite a circle: forces that cancel each other out would leave it as it is.
    const radius = 1 + index / (10 * names.length);
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
  const byName = new Map(names.map((name, index) => [name, points[index]]));
  for (let step = 0; step < STEPS; step += 1) {
    const moves = new Map(points.map((point) => [point, { x: 0, y: 0 }]));
    const push = (a: Point, b: Point, force: (distance: number) => number): void => {
      const [dx, dy] = [a.x - b.x, a.y - b.y];
      const distance = Math.max(Math.hypot(dx, dy), 0.01);
      const strength = force(distance) / distance;
      const [moveA, moveB] = [moves.get(a), moves.get(b)];
      if (moveA === undefined || moveB === undefined) return;
      moveA.x += dx * strength;
      moveA.y += dy * strength;
      moveB.x -= dx * strength;
      moveB.y -= dy * strength;
    };
    for (const [index, a] of points.entries())
      for (const b of points.slice(index + 1)) push(a, b, (distance) => LINK_LENGTH ** 2 / distance);
    for (const [left, right] of links) {
      const [a, b] = [byName.get(left), byName.get(right)];
      if (a !== undefined && b !== undefined) push(a, b, (distance) => -(distance ** 2) / LINK_LENGTH);
    }
    const limit = FIRST_STEP * (1 - step / STEPS);
    for (const [point, move] of moves) {
      const length = Math.hypot(move.x, move.y);
      if (length === 0) continue;
      point.x += (move.x / length) * Math.min(length, limit);
      point.y += (move.y / length) * Math.min(length, limit);
    }
  }
  return new Map([...byName].flatMap(([name, point]) => (point === undefined ? [] : [[name, point] as const])));
}
