import type { GenericSocketInfo, InternetSocketInfo, LocalSocketInfo } from './families/index.js';

/** A socket of the namespace, as `socketList` gives it; `family` tells which fields it has. */
export type SocketInfo = InternetSocketInfo | LocalSocketInfo | GenericSocketInfo;

/** A family of sockets that are listed. */
export type SocketFamily = Exclude<SocketInfo['family'], 'generic'>;
