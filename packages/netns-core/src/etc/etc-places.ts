/**
 * Where a file of `/etc` lies for a namespace, in the order in which the places count: by the convention of
 * `ip netns exec`, a file in `/etc/netns/<name>` stands in for the one of that name in `/etc`.
 *
 * @param name the namespace's name; `undefined` for one without
 */
export function etcPlaces(name: string | undefined, file: string): readonly string[] {
  return name === undefined ? [`/etc/${file}`] : [`/etc/netns/${name}/${file}`, `/etc/${file}`];
}
