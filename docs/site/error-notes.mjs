// Why each error comes, and what to do about it. `errors.mjs` makes the page of it, and requires an entry for every
// class and code of the sources.

/** @type {Readonly<Record<string, { cause: string; way: string; code?: string }>>} */
export const CLASSES = {
  NetnsError: {
    code: "the kernel's (`EPERM`, `EEXIST`, …) or one of the codes below",
    cause: 'The class of every error of these packages that has no class of its own, and the base of most others.',
    way: 'Read the message: it names the object, the system call and what to do. Programs look at `code`.',
  },
  InvalidOptionError: {
    code: '`ERR_INVALID_ARGUMENT`',
    cause:
      'An option or argument cannot be right: unknown, misspelt, out of range, or in contradiction to another one. Nothing was opened or changed.',
    way: 'The message says what is accepted, and for an unknown option which one was probably meant; `error.option` is its name.',
  },
  NamespaceNotFoundError: {
    code: '`ENOENT`, `ESRCH`',
    cause:
      'There is no namespace of that name, process, thread or path. The message lists the directories that were searched.',
    way: 'Make it (`ip netns add`, `addNamed`), correct the name (`vrf: "red"` is the namespace `ns-red`), or wait for it: `waitForNamespace`. In a container, see [mount propagation](guide/containers.md).',
  },
  NotANamespaceError: {
    code: '`ERR_NOT_A_NAMESPACE`',
    cause:
      'The path exists, but is a regular file, a directory, another kind of namespace, or a file that nothing is mounted on in this mount namespace.',
    way: 'For an empty file below `/run/netns`, mounts do not propagate to this process: see [Containers and mount propagation](guide/containers.md). Do not delete the file.',
  },
  InvalidNameError: {
    code: '`ERR_INVALID_NAME`',
    cause: 'A VRF or namespace that cannot be a name: empty, `.`, `..`, with a slash or NUL, or longer than 255 bytes.',
    way: 'Give a path as `{ path }`, a directory as `{ name, dir }`.',
  },
  AsyncCallbackError: {
    code: '`ERR_ASYNC_CALLBACK`',
    cause:
      "The function given to a hop is asynchronous, or returned something that has yet to make its socket: it would have worked in the caller's namespace.",
    way: 'Make the socket with `openSocket`, use `dial`, `listenInVrf` or `createUdpSocket` of vrf-dial, or a `NamespaceWorker`. [Which calls make their socket at once](reference/netns-core/hop.md#what-a-function-may-do).',
  },
  NamespaceRestoreError: {
    code: '`ERR_NAMESPACE_RESTORE`',
    cause:
      "The thread could not return from a hop, and `onRestoreFailure: 'throw'` was given. `result` or `error` is what the function gave.",
    way: 'End the thread. The usual reason is a function that gave up `CAP_SYS_ADMIN` inside the hop: do that outside.',
  },
  PoisonedThreadError: {
    code: '`ERR_POISONED_THREAD`',
    cause: 'This thread could not return to its namespace before, so nothing more is done on it.',
    way: 'End the thread, or the process.',
  },
  ClosedHandleError: {
    code: '`ERR_CLOSED_HANDLE`',
    cause: 'The handle or TAP device was closed before.',
    way: 'Close it after its last use, or give a copy away: `handle.dup()`.',
  },
  UnsupportedPlatformError: {
    code: '`ERR_UNSUPPORTED_PLATFORM`',
    cause:
      'Network namespaces exist on Linux only, and the packages work in Node.js only: Bun and Deno would connect from the wrong namespace.',
    way: 'Run the program on Linux with Node.js. Importing the packages works everywhere.',
  },
  DialError: {
    code: "the kernel's (`ECONNREFUSED`, `ENETUNREACH`, `EHOSTUNREACH`, `ETIMEDOUT`, `EADDRNOTAVAIL`, …), `UND_ERR_CONNECT_TIMEOUT`, `ERR_DIAL`",
    cause: 'A connection was not made. `host`, `port` and `address` say to where.',
    way: 'See the code below. `ENETUNREACH` means that the namespace has no route: look at `ip -n <namespace> route`.',
  },
  ProxyError: {
    code: '`ERR_PROXY_TUNNEL`, or that of the connection to the proxy',
    cause:
      'A connection through the `proxy` of an agent was not made: the proxy could not be reached, or refused the tunnel (`statusCode`). `host` and `port` are the destination, `proxy` is the URL without credentials.',
    way: 'See the code and `statusCode`: 407 means that the proxy wants credentials. `noProxy` names hosts that are reached directly.',
  },
  AllAddressesFailedError: {
    code: 'that of the first address',
    cause:
      'No address of a host could be connected to. It is an `AggregateError`: `errors` has the error of each address, `addresses` the order.',
    way: 'Look at `errors`. `family: 4` uses the addresses of one kind only.',
  },
  NameResolutionError: {
    code: '`ENOTFOUND`, `EAI_AGAIN`, `EAI_ADDRFAMILY`',
    cause:
      'A host name could not be resolved in the VRF. The message says which servers were asked and what each failed with.',
    way: 'Give the VRF servers of its own: `/etc/netns/<namespace>/resolv.conf`, or `dns: { servers }`. [DNS in a VRF](guide/dns.md).',
  },
  DnsQueryError: {
    code: '`ENOTFOUND`, `ENODATA`, `ETIMEOUT`, `ECONNREFUSED`, `ESERVFAIL`, `EREFUSED`, `ECANCELLED`, `EBADNAME`, …; where the TLS of a server failed, the code of that (`ERR_TLS_CERT_ALTNAME_INVALID`, …)',
    cause: 'A query of a `VrfResolver` failed, with the codes of `dns.promises.Resolver`.',
    way: '`ENODATA` means that the name exists without a record of that type. For the others see the message, which says what each server failed with.',
  },
  NamespaceReplacedError: {
    code: '`ERR_NAMESPACE_REPLACED`',
    cause: "The namespace of a running request was removed or replaced, with `onReplaced: 'abort'`.",
    way: 'Try again: the next request is made in the new namespace. `onReplaced: "drain"` lets running requests finish.',
  },
  BindError: {
    code: "the kernel's (`EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, …)",
    cause: 'A socket could not be bound to `address` and `port`.',
    way: 'See the code below.',
  },
  PingError: {
    code: "`ETIMEDOUT`, or the kernel's (`EHOSTUNREACH`, `ENETUNREACH`, `EMSGSIZE`, …)",
    cause:
      'One request of a ping got no reply, or an ICMP error: `reportedBy` says from which router, `icmp` its type and code.',
    way: 'It is a value of the reply, not a rejection.',
  },
  NetlinkError: {
    code: "the kernel's (`EEXIST`, `EINVAL`, `EOPNOTSUPP`, …) or one of `ERR_NETLINK_…`, `ERR_DUMP_INTERRUPTED`",
    cause:
      "The kernel refused an operation, or its answer could not be had. `operation` and `target` say which, `extack` has the kernel's own words.",
    way: 'Read the message: it quotes the kernel. Where a module is missing it names it.',
  },
  LinkNotFoundError: {
    code: '`ENODEV`',
    cause: 'There is no link of that name, index or alias in the namespace of the connection.',
    way: 'Check the namespace: `Netlink.open(ref)`. A link that was moved has to be looked up in the other namespace.',
  },
  NetlinkBatchError: {
    code: 'that of the first failure',
    cause: 'An operation of a batch failed: `position`, counted from 1. `results` says how each operation ended.',
    way: 'Operations before it were carried out; look at `results` for those behind it.',
  },
  ProviderError: {
    code: "the cause's, or `ERR_PROVIDER_FAILED`",
    cause: 'A provider of neslink (`NP…`, `LP…`) could not give its namespace or link. `provider` is its name.',
    way: 'See `cause`.',
  },
  ActionError: {
    code: "the cause's, or `ERR_ACTION_FAILED`",
    cause: 'An action of a `Do` failed: `position`, counted from 1, and `action`. Those after it were not begun.',
    way: 'See `cause`.',
  },
  UnavailableMicroserviceError: {
    code: '`ERR_MICROSERVICE_UNAVAILABLE`',
    cause: 'No running container has `MICROSERVICE_LABEL` with this label.',
    way: "Start the container, or wait for the event 'new-ms'.",
  },
  TemplateError: {
    code: '`ERR_TEMPLATE`',
    cause:
      'A template cannot be read, or not be executed with the data given: a value is missing, for example. The message names the line.',
    way: 'Give the value, or use `{{if}}`. Unlike Go, a missing value is never text.',
  },
  TeardownError: {
    code: '`ERR_TEARDOWN`',
    cause: 'Not everything of a container-side network could be put back. `errors` has every failure.',
    way: 'Call `teardown()` again when the cause is gone; it does what is left.',
  },
  ScriptError: {
    code: '-',
    cause: 'The code under test did something else than the script of `scriptedNetlink` says.',
    way: 'Correct the code, or the script.',
  },
  CniError: {
    code: "a number: the specification's (`errorCodes`), or 100 and more for a plugin's own",
    cause: 'A plugin reported an error, or a document is wrong; `place` is the place in the document.',
    way: 'See `msg` and `details`. Code 11 means: try again later.',
  },
  PluginNotFoundError: {
    code: '999',
    cause: 'No directory of the search path has an executable of that name. The message lists the directories.',
    way: 'Install the plugin, or give `path` or `CNI_PATH`.',
  },
  PluginOutputError: {
    code: '6, 7 or 999',
    cause: 'The plugin printed something that the specification does not allow.',
    way: 'Run it by hand; what it logs must go to standard error.',
  },
  PluginSilentError: {
    code: '999',
    cause: 'The plugin ended without a result and without an error.',
    way: 'Run it by hand with the same environment.',
  },
  PluginTimeoutError: {
    code: '999',
    cause: 'The plugin had not ended when its time was over, and was killed.',
    way: 'Raise `timeout`; 0 is without limit.',
  },
  PluginFailedError: {
    code: '999',
    cause: 'The plugin failed without an error document. Its standard error is in the message.',
    way: 'See the message.',
  },
  NetworkNotFoundError: {
    code: '999',
    cause: 'The directory has no network of that name.',
    way: 'Look at the names in `/etc/cni/net.d`: it is `name` in the file, not the name of the file.',
  },
  NotAttachedError: {
    code: '999',
    cause: 'Nothing is known of the attachment: it was never added, or is deleted.',
    way: 'Give the `cacheDir` that ADD had.',
  },
  SeveralCniErrors: {
    code: 'that of the first `CniError`',
    cause: 'Several steps of one operation failed; each error is in `errors`.',
    way: 'Look at `errors`.',
  },
};

/** @type {Readonly<Record<string, { cause: string; way: string }>>} */
export const CODES = {
  ERR_ACCESS_DENIED: {
    cause: "Node's permission model (`node --permission`) denies the call.",
    way: 'Start node with the option that the message names, such as `--allow-addons` or `--allow-fs-read`.',
  },
  ERR_ACTION_FAILED: { cause: 'An action of neslink threw something without a code.', way: 'See `cause`.' },
  ERR_ADDRESS_NOT_FOUND: {
    cause: 'A CNI result has an address that no link of the namespace has.',
    way: 'Give the result of the last ADD, and the right namespace.',
  },
  ERR_ALREADY_INITIALIZED: { cause: 'The namespace handler is initialized already.', way: 'Close it first.' },
  ERR_AMBIGUOUS_CONTAINER: {
    cause: 'Several containers have ids with this beginning. The message names them.',
    way: 'Give more digits.',
  },
  ERR_ASYNC_CALLBACK: {
    cause: 'Asynchronous work inside a hop.',
    way: 'See [AsyncCallbackError](#asynccallbackerror).',
  },
  ERR_BROKER_DENIED: {
    cause: "The broker's policy does not allow the socket. The message names the rule.",
    way: 'Ask for what the policy allows, or change the [policy](broker.md#policy).',
  },
  ERR_BROKER_FAILED: {
    cause: 'The broker failed at something that is not an error of a namespace or a socket.',
    way: "Look at the broker's log.",
  },
  ERR_BROKER_LIMIT: {
    cause: 'The client sent too much or has too many connections. The message names the limit.',
    way: 'Raise the [limit](broker.md#limits), or use one connection.',
  },
  ERR_BROKER_PROTOCOL: {
    cause: 'What listens at the path does not reply as a broker does.',
    way: 'Check the path that `connectBroker` or `NETNS_BROKER` got.',
  },
  ERR_BROKER_TIMEOUT: {
    cause: 'The broker did not reply in time.',
    way: 'Check that it runs and is not stopped; raise `timeout` of `connectBroker`.',
  },
  ERR_BROKER_UNAVAILABLE: {
    cause: 'Nothing listens at the path of the broker, or it closes the connection.',
    way: 'Start `netns-broker`. [The broker](broker.md).',
  },
  ERR_BROKER_UNSUPPORTED: {
    cause:
      'Something that a process with a broker cannot do: a namespace without a name, a TUN device, a broker in a worker thread.',
    way: 'The message names the way. [What works](broker.md#what-works-through-a-broker).',
  },
  ERR_BROKER_VERSION: {
    cause: 'Client and broker speak different versions of the protocol.',
    way: 'Install the same version of netns-core for both.',
  },
  ERR_CLOSED: { cause: 'The `Netlink` or subscription is closed.', way: 'Close it after its last use.' },
  ERR_CLOSED_HANDLE: { cause: 'The handle is closed.', way: 'See [ClosedHandleError](#closedhandleerror).' },
  ERR_CONTAINER_NOT_RUNNING: { cause: 'The container exists, and does not run.', way: 'Start it first.' },
  ERR_DHCP_BLOCK: {
    cause: 'ebtables or nft could not install the rules that drop DHCP towards the veth.',
    way: 'The message has the words of the program. Load `ebtables` or `nf_tables` modules, or allow `CAP_NET_ADMIN`.',
  },
  ERR_DIAL: { cause: 'Node reported a failed connection without a code.', way: 'See `cause`.' },
  ERR_DOCKER: { cause: 'The Docker client failed without a code.', way: 'See `cause`.' },
  ERR_DUMP_INTERRUPTED: {
    cause: 'Objects kept changing while the kernel listed them, so the list may lack some.',
    way: 'Try again, or use a subscription. Iterators are not restarted; lists are.',
  },
  ERR_FAILED: { cause: 'Reading an answer of the kernel failed without a code.', way: 'See `cause`.' },
  ERR_INTERFACE_NOT_FOUND: {
    cause: 'The container has no interface of that name or hardware address, or has it no more.',
    way: 'Check the namespace, and that the CNI result belongs to it.',
  },
  ERR_INVALID_ADDRESS: {
    cause: 'An address in text form cannot be read.',
    way: "For `parseAddress` the form is `[<vrf>/]address:port`; for netlink `'192.0.2.1/24'` or `'2001:db8::1/64'`.",
  },
  ERR_INVALID_ARGUMENT: {
    cause: 'An option or argument cannot be right.',
    way: 'See [InvalidOptionError](#invalidoptionerror).',
  },
  ERR_INVALID_CONTAINER_ID: {
    cause: 'A container id has something else than hexadecimal digits, or too many of them.',
    way: 'For names use `neslink/docker`.',
  },
  ERR_INVALID_NAME: { cause: 'A name that cannot be a name.', way: 'See [InvalidNameError](#invalidnameerror).' },
  ERR_KOFFI_NOT_LOADED: {
    cause: 'koffi, by which netns-core calls the kernel, or its native part is not where it is looked for.',
    way: 'Install without `--omit=optional`. In a bundle leave netns-core and koffi out: see [Bundlers](guide/typescript-and-bundlers.md#bundlers).',
  },
  ERR_LAB: { cause: 'A lab could not be claimed or built.', way: 'The message says which node and what.' },
  ERR_LAB_CLOSED: { cause: 'The lab is closed, or not built yet.', way: 'Use it inside tests only.' },
  ERR_UNKNOWN_FEATURE: {
    cause: 'A feature was named that the kernel does not have.',
    way: 'Take one of the names that the message lists; ethtoolFeaturesGet has all.',
  },
  ERR_UNKNOWN_GROUP: {
    cause: 'A group of counters was named that this kernel does not have.',
    way: 'Take one of the names that the message lists, or leave `groups` out.',
  },
  ERR_XDP_MODE: {
    cause: 'The XDP program of a link was to be taken away, and the link has several.',
    way: 'Say which by `mode`.',
  },
  ERR_LINK_MOVED_ON: {
    cause: 'A link was moved, and renamed, moved on or deleted before its index could be asked for.',
    way: 'Look it up in the other namespace.',
  },
  ERR_MICROSERVICE_REFERENCE: {
    cause: 'A reference to a microservice where a namespace is needed.',
    way: 'Convert it first: `convertMicroserviceNsToPidNs`.',
  },
  ERR_MICROSERVICE_UNAVAILABLE: {
    cause: 'No running container has the label.',
    way: 'See [UnavailableMicroserviceError](#unavailablemicroserviceerror).',
  },
  ERR_NAMESPACE_REPLACED: {
    cause:
      'The namespace went away while a request was running, or a connection or subscription of netlink-links, whose sockets a broker makes, was open.',
    way: 'Open another connection or subscription. For requests see [NamespaceReplacedError](#namespacereplacederror).',
  },
  ERR_NAMESPACE_RESTORE: {
    cause: 'The thread could not return.',
    way: 'See [NamespaceRestoreError](#namespacerestoreerror).',
  },
  ERR_NETLINK_MALFORMED: {
    cause: 'An answer of the kernel cannot be read.',
    way: 'Report it with the kernel version: it is a bug of ours or of the kernel.',
  },
  ERR_NETLINK_NO_ANSWER: {
    cause: 'The kernel sent no answer, or the connection was closed before it came.',
    way: 'Try again; report it if it comes back.',
  },
  ERR_NETLINK_OVERRUN: { cause: 'The kernel lost a part of an answer.', way: 'Try again.' },
  ERR_NETLINK_TRUNCATED: {
    cause: 'One object in a list is longer than the buffer of an iterator.',
    way: 'Use the list (`linkList`) in place of the iterator.',
  },
  ERR_NOT_A_BRIDGE: { cause: 'An Open vSwitch action got a link that is not a bridge.', way: 'Give a bridge.' },
  ERR_NOT_A_NAMESPACE: {
    cause: 'The file is not a network namespace.',
    way: 'See [NotANamespaceError](#notanamespaceerror).',
  },
  ERR_NOT_IN_VRF: {
    cause:
      'Under `vrf-dial/register` the program called something that would leave from home: UDP, c-ares, a child process.',
    way: 'The message names what to use. See [A whole program in a VRF](guide/register.md#what-is-refused).',
  },
  ERR_NOT_INITIALIZED: { cause: 'The namespace handler is not initialized.', way: 'Call `await handler.init()`.' },
  ERR_NO_ADDRESS: {
    cause: 'The veth has no address, or the result has none.',
    way: 'Give a CNI result with addresses.',
  },
  ERR_NO_FIREWALL_PROGRAM: {
    cause: 'Neither `ebtables` nor `nft` is installed.',
    way: 'Install one of them: DHCP must be kept off the veth.',
  },
  ERR_NO_LINK: {
    cause: 'A link action has no link.',
    way: 'Put a link provider first (`LASetUp(LPName("v0"))`), or use `LinkDo`.',
  },
  ERR_NO_VETH: { cause: 'The namespace has no veth link.', way: 'Name the interface in the CNI result.' },
  ERR_OVS_VSCTL: { cause: '`ovs-vsctl` failed or is not installed.', way: 'The message has its words.' },
  ERR_PORT_MISMATCH: {
    cause: 'Settings of a port of a bridge were given to a port of a bond, or the other way round.',
    way: 'The message says of what the link is a port; `type` of the settings must be the same.',
  },
  ERR_POISONED_THREAD: {
    cause: 'The thread is in a foreign namespace.',
    way: 'See [PoisonedThreadError](#poisonedthreaderror).',
  },
  ERR_PROCESS_FAILED: {
    cause: 'A program of a lab ended before it was ready, or with an exit code other than 0.',
    way: 'The message has what it printed on standard error.',
  },
  ERR_PROVIDER_FAILED: { cause: 'A provider threw something without a code.', way: 'See `cause`.' },
  ERR_PROXY_REQUEST: {
    cause: 'The head of a request was sent before the request had a connection, so it cannot go through a proxy.',
    way: 'Send the head with the request, or use a tunnel (https).',
  },
  ERR_PROXY_TUNNEL: {
    cause: 'The proxy was reached and opened no tunnel.',
    way: 'See [ProxyError](#proxyerror).',
  },
  ERR_READ: { cause: 'A script could not be read, without a code.', way: 'See `cause`.' },
  ERR_SCRIPT_FETCH: { cause: '`Script.fromHTTP` got no script.', way: 'The message has the status or the reason.' },
  ERR_SCRIPT_TOO_LONG: { cause: 'A script from HTTP is longer than allowed.', way: 'Use `Script.fromFile`.' },
  ERR_SEVERAL_ADDRESSES: { cause: 'The veth has several addresses.', way: 'Give a CNI result.' },
  ERR_SEVERAL_VETHS: { cause: 'The namespace has several veth links.', way: 'Name the interface in the CNI result.' },
  ERR_SOCKET_CLOSED_BEFORE_CONNECTION: {
    cause: 'A socket was closed before it was connected to its proxy.',
    way: 'Expected after `destroy()`.',
  },
  ERR_SOCKET_CLOSED: { cause: 'A socket was destroyed while it connected.', way: 'Expected after `destroy()`.' },
  ERR_SPAWN: { cause: 'A program could not be started.', way: 'See the message: it is mostly not installed.' },
  ERR_SYSCALL_THREAD: {
    cause: 'The thread that makes namespaces was terminated while it worked on this call.',
    way: 'Try again.',
  },
  ERR_SYSCTL: { cause: 'A sysctl of a lab could not be set, without a code.', way: 'See `cause`.' },
  ERR_TAP_IN_USE: { cause: 'The TAP device is open in another process.', way: 'It is the virtual machine: leave it.' },
  ERR_TEARDOWN: { cause: 'Not everything could be put back.', way: 'See [TeardownError](#teardownerror).' },
  ERR_TEMPLATE: { cause: 'A template is wrong.', way: 'See [TemplateError](#templateerror).' },
  ERR_UNKNOWN_SIGNAL: { cause: 'A signal that the system does not have.', way: "Give a name such as `'SIGTERM'`." },
  ERR_UNRELEASED_VERSION: {
    cause: 'A CNI configuration declares a version that was never released (1.0.1). It is a diagnostic, not an error.',
    way: 'Declare 1.0.0: `convertNetworkConfigList(list, "1.0.0")`.',
  },
  ERR_UNSUPPORTED_NETWORK: {
    cause: "SR-IOV and Calico's networks are not supported for virtual machines.",
    way: 'Use a network whose container end is a veth.',
  },
  ERR_UNSUPPORTED_NODE: {
    cause: 'This version of Node does not let a server listen on a socket that was made elsewhere.',
    way: 'Use a version that the packages are tested with: 20, 22, 24 or 26.',
  },
  ERR_UNSUPPORTED_PLATFORM: {
    cause: 'Not Linux, or not Node.js.',
    way: 'See [UnsupportedPlatformError](#unsupportedplatformerror).',
  },
  ERR_UNTRUSTED_DIRECTORY: {
    cause: 'A directory of names (`dir`) belongs to another user, or others may write to it without a sticky bit.',
    way: '`chown` it, `chmod +t` it, or give `trustDirectory: true`.',
  },
};

/** Codes of Node's and V8's that the sources only compare with. */
export const NOT_OURS = ['ERR_DLOPEN_DISABLED', 'ERR_INVALID_ARG_TYPE', 'ERR_WORKER_INVALID_EXEC_ARGV'];

/** Codes of the kernel, undici and DNS that the packages pass on, most frequent first. */
export const KERNEL_CODES = {
  EPERM: {
    cause:
      'A capability is missing; the message says which. For netlink also: the namespace belongs to another user namespace.',
    way: 'Run as root, with `AmbientCapabilities=` in a systemd unit, or inside `unshare -Urnm`. [Without root and without privileges](guide/privileges.md).',
  },
  EACCES: {
    cause:
      'File permissions, a security module (AppArmor, SELinux), or a port below 1024 without `CAP_NET_BIND_SERVICE`.',
    way: 'See the message; `net.ipv4.ip_unprivileged_port_start` is per namespace.',
  },
  ENOENT: {
    cause: 'The namespace, file or object does not exist; `/proc` may not be mounted, or hide processes (`hidepid`).',
    way: 'See [NamespaceNotFoundError](#namespacenotfounderror).',
  },
  EEXIST: {
    cause: 'The name, link, address or route exists already.',
    way: 'Delete it first, or use the replace form.',
  },
  ENODEV: {
    cause: 'The interface, or the zone, does not exist in the namespace.',
    way: 'Interfaces and zones are those of the namespace: `ip -n <namespace> link`.',
  },
  ECONNREFUSED: { cause: 'Nothing listens there, in that namespace.', way: 'Check the VRF, the address and the port.' },
  ENETUNREACH: { cause: 'The namespace has no route to the address.', way: '`ip -n <namespace> route`.' },
  EHOSTUNREACH: { cause: 'The host does not answer, or a router reports it.', way: 'Try `ping` in the same VRF.' },
  ETIMEDOUT: { cause: 'No connection, or no reply, in time.', way: 'Raise `timeout`, or look for a firewall.' },
  UND_ERR_CONNECT_TIMEOUT: {
    cause:
      "A connection of a `VrfAgent` or a connector took too long; also an instance of undici's `ConnectTimeoutError`.",
    way: 'Raise `timeout` of the agent.',
  },
  EADDRNOTAVAIL: {
    cause: 'The namespace does not have the local address (yet), or has no port left.',
    way: '`listenInVrf` waits for the address; `freebind: true` binds without it.',
  },
  EADDRINUSE: {
    cause: 'Something else listens there, in that namespace.',
    way: '`reusePort: true` lets several sockets share a port, in workers of a cluster for example.',
  },
  EINVAL: {
    cause: 'The kernel refuses the address or a value. A link-local address needs a zone.',
    way: '`fe80::1%eth0`; for netlink see the words of the kernel in the message.',
  },
  EOPNOTSUPP: {
    cause: 'The kernel lacks the kind of link, queueing discipline or option.',
    way: '`modprobe` the module that the message names.',
  },
  ENOTFOUND: { cause: 'The name does not exist, or has no address.', way: 'See [DNS in a VRF](guide/dns.md).' },
  EAI_AGAIN: {
    cause: 'No name server gave an answer.',
    way: "A server on the host's loopback (127.0.0.53) is not there in a namespace: give the VRF its own.",
  },
  EMFILE: {
    cause: 'The process has no file descriptor left, or no inotify instance (`fs.inotify.max_user_instances`).',
    way: 'Raise `ulimit -n`, or the limit that the message names. [Limits](limits.md).',
  },
  ENOSPC: {
    cause:
      'The limit of network namespaces (`user.max_net_namespaces`) or of inotify watches is reached, or `/run` is full.',
    way: 'The message says which.',
  },
  EROFS: { cause: '`/run` is read-only.', way: 'Give `dir`, a directory that can be written to.' },
};
