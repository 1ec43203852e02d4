/** @param {string} text @param {string} link */
const page = (text, link) => ({ text, link });

export const GUIDE = [
  {
    text: 'Start',
    items: [
      page('Getting started', '/guide/getting-started'),
      page('Which VRF kind', '/guide/vrf-kinds'),
      page('Examples', '/examples'),
    ],
  },
  {
    text: 'In a VRF',
    items: [
      page('Servers that follow a VRF', '/guide/servers'),
      page('Namespaces that come and go', '/guide/replacement'),
      page('A whole program in a VRF', '/guide/register'),
      page('Clients and databases', '/clients'),
      page('DNS in a VRF', '/guide/dns'),
    ],
  },
  {
    text: 'Running it',
    items: [
      page('Without root and privileges', '/guide/privileges'),
      page('The broker: no privileges in the server', '/broker'),
      page('Containers and mount propagation', '/guide/containers'),
      page('TypeScript and bundlers', '/guide/typescript-and-bundlers'),
      page('Performance', '/performance'),
      page('Limits', '/limits'),
    ],
  },
  {
    text: 'Testing',
    items: [
      page('With and without a kernel', '/guide/testing'),
      page('Labs', '/guide/labs'),
      page('The campaign', '/campaign'),
    ],
  },
  {
    text: 'CNI and Kubernetes',
    items: [
      page('CNI plugins in TypeScript', '/cni-plugins'),
      page('A network for a virtual machine', '/container-side-networking'),
    ],
  },
  {
    text: 'Coming from',
    items: [
      page('Go', '/guide/from-go'),
      page('ip, tc, pyroute2', '/guide/from-ip-tc-pyroute2'),
      page('Name by name', '/guide/counterparts'),
    ],
  },
  { text: 'How it works', items: [page('Security', '/security'), page('Architecture', '/architecture')] },
];

export const REFERENCE = [
  {
    text: 'vrf-dial',
    link: '/reference/vrf-dial/',
    items: [
      page('The target', '/reference/vrf-dial/target'),
      page('fetch and undici', '/reference/vrf-dial/fetch'),
      page('Agents for node:http', '/reference/vrf-dial/http-agents'),
      page('dial', '/reference/vrf-dial/dial'),
      page('Servers', '/reference/vrf-dial/listen'),
      page('UDP', '/reference/vrf-dial/udp'),
      page('DNS', '/reference/vrf-dial/dns'),
      page('ping', '/reference/vrf-dial/ping'),
      page('VRFs of a host', '/reference/vrf-dial/vrfs'),
      page('Diagnostics and logging', '/reference/vrf-dial/diagnostics'),
    ],
  },
  {
    text: 'netns-core',
    link: '/reference/netns-core/',
    items: [
      page('References, handles and names', '/reference/netns-core/namespaces'),
      page('The hop', '/reference/netns-core/hop'),
      page('Sockets', '/reference/netns-core/sockets'),
      page('Processes and workers', '/reference/netns-core/processes-and-workers'),
    ],
  },
  {
    text: 'netlink-links',
    link: '/reference/netlink-links/',
    items: [
      page('Netlink', '/reference/netlink-links/netlink'),
      page('Links', '/reference/netlink-links/links'),
      page('Ports of bridges and bonds', '/reference/netlink-links/ports'),
      page('Forwarding entries, VLANs and groups', '/reference/netlink-links/bridges'),
      page('Addresses, routes, rules', '/reference/netlink-links/addresses-and-routes'),
      page('Nexthop objects', '/reference/netlink-links/nexthops'),
      page('Encapsulation of routes', '/reference/netlink-links/encapsulation'),
      page('Queueing disciplines', '/reference/netlink-links/qdiscs'),
      page('Classes and filters', '/reference/netlink-links/classes-and-filters'),
      page('ethtool', '/reference/netlink-links/ethtool'),
      page('devlink', '/reference/netlink-links/devlink'),
      page('WireGuard', '/reference/netlink-links/wireguard'),
      page('Sockets', '/reference/netlink-links/sockets'),
      page('Subscriptions', '/reference/netlink-links/subscriptions'),
      page('Generic and raw messages', '/reference/netlink-links/messages'),
      page('Testing without a kernel', '/reference/netlink-links/testing'),
    ],
  },
  {
    text: 'neslink',
    link: '/reference/neslink/',
    items: [
      page('Do, providers and actions', '/reference/neslink/do'),
      page('Scripts and processes', '/reference/neslink/scripts'),
      page('Containers, Open vSwitch', '/reference/neslink/containers'),
      page('The namespace handler', '/reference/neslink/handler'),
    ],
  },
  {
    text: 'cni-types',
    link: '/reference/cni-types/',
    items: [
      page('Documents', '/reference/cni-types/documents'),
      page('Running plugins', '/reference/cni-types/runtime'),
      page('Writing plugins', '/reference/cni-types/plugin'),
    ],
  },
  { text: 'go-template', link: '/reference/go-template' },
  { text: 'vrf-cli', link: '/reference/vrf-cli' },
  { text: 'Errors', link: '/errors' },
  { text: 'Generated API', link: '/api/' },
];
