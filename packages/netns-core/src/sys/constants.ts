// Constants of the Linux user-space interface. Where a value differs between architectures that Node runs on, it is
// computed; the rest is the same everywhere (asm-generic).

/** `<linux/sched.h>` */
export const CLONE_NEWNS = 0x00020000;
export const CLONE_NEWCGROUP = 0x02000000;
export const CLONE_NEWUTS = 0x04000000;
export const CLONE_NEWIPC = 0x08000000;
export const CLONE_NEWUSER = 0x10000000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWNET = 0x40000000;
export const CLONE_NEWTIME = 0x00000080;
/** Clone the I/O context. As a 32-bit pattern it is the sign bit, hence unsigned here. */
export const CLONE_IO = 0x80000000;

/** `<fcntl.h>` */
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
/** On arm and ppc these two trade places with others; see `<asm/fcntl.h>`. */
// Not imported from `node:process`: that opens the standard streams.
const { arch } = process;
const swapped = arch === 'arm' || arch === 'arm64' || arch === 'ppc64' || arch === 'ppc';
export const O_DIRECTORY = swapped ? 0o40000 : 0o200000;
export const O_NOFOLLOW = swapped ? 0o100000 : 0o400000;
export const O_PATH = 0o10000000;
export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_DUPFD_CLOEXEC = 1030;
export const FD_CLOEXEC = 1;

/** `<sys/mount.h>` */
export const MS_RDONLY = 1;
export const MS_BIND = 4096;
export const MS_REC = 16384;
export const MS_SLAVE = 1 << 19;
export const MS_SHARED = 1 << 20;
export const MNT_DETACH = 2;
export const UMOUNT_NOFOLLOW = 8;

/** `<sys/file.h>` */
export const LOCK_EX = 2;
/** Fails with EAGAIN instead of waiting. */
export const LOCK_NB = 4;
export const LOCK_UN = 8;

/** `<linux/magic.h>`: what `statfs(2)` says of a namespace's file, since Linux 3.19 */
export const NSFS_MAGIC = 0x6e736673;
/** Before that, and for a process's directory */
export const PROC_SUPER_MAGIC = 0x9fa0;

// `_IO(type, nr)` of <asm/ioctl.h>: no direction, no size. On PowerPC "none" is 1 << 29, elsewhere 0.
const none = arch === 'ppc64' ? 0x20000000 : 0;
/** `<linux/nsfs.h>` */
export const NS_GET_USERNS = none | 0xb701;
export const NS_GET_NSTYPE = none | 0xb703;
/** `<linux/pidfd.h>`, since Linux 6.11 */
export const PIDFD_GET_NET_NAMESPACE = none | 0xff04;
/** The same, since Linux 6.13; `_IOWR` of the 64 bytes that `struct pidfd_info` had at first, alike on all architectures */
export const PIDFD_GET_INFO = 0xc040ff0b;

/** `<linux/sockios.h>` */
export const SIOCGIFNAME = 0x8910;
export const SIOCGIFFLAGS = 0x8913;
export const SIOCSIFFLAGS = 0x8914;
export const SIOCGIFINDEX = 0x8933;
/** The data of a `struct ifreq` points to a command of `<linux/ethtool.h>`. */
export const SIOCETHTOOL = 0x8946;
/** The network namespace of a socket as a file descriptor; needs CAP_NET_ADMIN there. */
export const SIOCGSKNS = 0x894c;

/** `<sys/socket.h>` */
export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_SEQPACKET = 5;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_TYPE = 3;
export const SO_PRIORITY = 12;
export const SO_REUSEPORT = 15;
export const SO_BINDTODEVICE = 25;
export const SO_RCVBUFFORCE = 33;
/** Nanoseconds of the system's clock, in a `struct timespec` of two `long`s. */
export const SO_TIMESTAMPNS = 35;
export const SO_MARK = 36;
/** `struct ucred` of a UNIX socket's peer: its pid, uid and gid when it connected. */
export const SO_PEERCRED = arch === 'ppc64' || arch === 'ppc' ? 21 : 17;
/** The supplementary groups of a UNIX socket's peer, since Linux 4.13. */
export const SO_PEERGROUPS = 59;
/** The process that a UNIX socket's peer belonged to when it connected, as a descriptor; since Linux 6.5. */
export const SO_PEERPIDFD = 77;
export const SO_PROTOCOL = 38;
export const SO_DOMAIN = 39;
export const SO_ACCEPTCONN = 30;
/** Since Linux 5.14; identifies a network namespace for as long as the machine runs. */
export const SO_NETNS_COOKIE = 71;
export const SO_COOKIE = 57;

/** `<netinet/in.h>` */
export const IPPROTO_IP = 0;
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_ICMPV6 = 58;
export const SOL_RAW = 255;
export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_RECVERR = 11;
export const IP_RECVTTL = 12;
export const IP_FREEBIND = 15;
export const IP_TRANSPARENT = 19;
export const IP_BIND_ADDRESS_NO_PORT = 24;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_RECVERR = 25;
export const IPV6_V6ONLY = 26;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;
export const IPV6_TCLASS = 67;
export const IPV6_TRANSPARENT = 75;
export const IPV6_FREEBIND = 78;
export const TCP_NODELAY = 1;

/** `<linux/socket.h>` */
/** A control message that carries file descriptors. */
export const SCM_RIGHTS = 1;
export const MSG_PEEK = 0x02;
export const MSG_CTRUNC = 0x08;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_ERRQUEUE = 0x2000;
export const MSG_NOSIGNAL = 0x4000;
/** File descriptors that are received get close-on-exec. */
export const MSG_CMSG_CLOEXEC = 0x40000000;

/** `<linux/icmp.h>` and `<linux/icmpv6.h>`: which types a raw socket receives */
export const ICMP_FILTER = 1;
export const ICMPV6_FILTER = 1;
/** `<linux/errqueue.h>`: a message on the error queue that came by ICMP or ICMPv6 */
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;

/** `<poll.h>` */
export const POLLIN = 0x1;
export const POLLPRI = 0x2;
export const POLLOUT = 0x4;

/** `<sys/epoll.h>`, where `EPOLLIN` is `POLLIN` */
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;

/** `<linux/if.h>`: room for an interface's name, its NUL included. */
export const IFNAMSIZ = 16;

// Commands of bpf(2), `<linux/bpf.h>`.
export const BPF_PROG_LOAD = 5;
export const BPF_OBJ_GET = 7;
export const BPF_PROG_GET_FD_BY_ID = 13;
