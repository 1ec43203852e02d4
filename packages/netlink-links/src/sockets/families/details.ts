/** What of a socket is told when asked for. */
export type SocketDetail = 'memory' | 'tcp' | 'congestion' | 'tos' | 'mark' | 'shutdown' | 'cgroup' | 'ulp';
