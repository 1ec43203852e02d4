/** What the machine boots with: its root comes over 9p and is made writable by an overlay in memory. */
export const BOOT_MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];

/**
 * What the tests are about. They are loaded beforehand: the root inside has no modules of this kernel, so it cannot
 * load any by itself.
 */
export const TEST_MODULES = [
  // needed by others through the kernel's own lookup, which no file names
  'crc32c_generic',
  // packet sockets, which tcpdump captures with
  'af_packet',
  // sockets, as ss and socketList ask for them
  'tcp_diag',
  'udp_diag',
  // kinds of links
  'batman_adv',
  'bonding',
  'bridge',
  'dummy',
  'fou',
  'fou6',
  'geneve',
  'ifb',
  'ip6_gre',
  'ip6_tunnel',
  'ip_gre',
  'ip_vti',
  'ip6_vti',
  'ipip',
  'ipvlan',
  'ipvtap',
  'macsec',
  'macvlan',
  'macvtap',
  'nlmon',
  'sit',
  'team',
  'tun',
  'vcan',
  'veth',
  '8021q',
  'vrf',
  'vsockmon',
  'vxlan',
  'wireguard',
  'xfrm_interface',
  // queueing disciplines, and what filters with them
  'sch_cake',
  'sch_codel',
  'sch_fq',
  'sch_fq_codel',
  'sch_htb',
  'sch_ingress',
  'sch_multiq',
  'sch_netem',
  'sch_prio',
  'sch_red',
  'sch_sfq',
  'sch_tbf',
  'cls_matchall',
  'cls_u32',
  'act_mirred',
  // encapsulation of routes
  'mpls_router',
  'mpls_iptunnel',
  // firewalling
  'nf_tables',
  'nft_compat',
  'nft_chain_nat',
  'nft_masq',
  'nft_ct',
];

/** The same, as far as the kernel has it: newer kernels than the one these tests are written for. */
export const OPTIONAL_MODULES = ['netkit'];

/** Parameters to load them with: none makes devices that were not asked for. */
export const MODULE_PARAMETERS = { bonding: 'max_bonds=0', dummy: 'numdummies=0', ifb: 'numifbs=0' };
