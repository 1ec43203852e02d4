/** `<linux/if_link.h>`: what `IFLA_INFO_DATA` holds for each kind of link. */

export const IFLA_BR_FORWARD_DELAY = 1;
export const IFLA_BR_HELLO_TIME = 2;
export const IFLA_BR_MAX_AGE = 3;
export const IFLA_BR_AGEING_TIME = 4;
export const IFLA_BR_STP_STATE = 5;
export const IFLA_BR_PRIORITY = 6;
export const IFLA_BR_VLAN_FILTERING = 7;
export const IFLA_BR_VLAN_PROTOCOL = 8;
export const IFLA_BR_GROUP_FWD_MASK = 9;
export const IFLA_BR_ROOT_ID = 10;
export const IFLA_BR_BRIDGE_ID = 11;
export const IFLA_BR_ROOT_PORT = 12;
export const IFLA_BR_ROOT_PATH_COST = 13;
export const IFLA_BR_TOPOLOGY_CHANGE = 14;
export const IFLA_BR_TOPOLOGY_CHANGE_DETECTED = 15;
export const IFLA_BR_HELLO_TIMER = 16;
export const IFLA_BR_TCN_TIMER = 17;
export const IFLA_BR_TOPOLOGY_CHANGE_TIMER = 18;
export const IFLA_BR_GC_TIMER = 19;
export const IFLA_BR_GROUP_ADDR = 20;
export const IFLA_BR_FDB_FLUSH = 21;
export const IFLA_BR_MCAST_ROUTER = 22;
export const IFLA_BR_MCAST_SNOOPING = 23;
export const IFLA_BR_MCAST_QUERY_USE_IFADDR = 24;
export const IFLA_BR_MCAST_QUERIER = 25;
export const IFLA_BR_MCAST_HASH_ELASTICITY = 26;
export const IFLA_BR_MCAST_HASH_MAX = 27;
export const IFLA_BR_MCAST_LAST_MEMBER_CNT = 28;
export const IFLA_BR_MCAST_STARTUP_QUERY_CNT = 29;
export const IFLA_BR_MCAST_LAST_MEMBER_INTVL = 30;
export const IFLA_BR_MCAST_MEMBERSHIP_INTVL = 31;
export const IFLA_BR_MCAST_QUERIER_INTVL = 32;
export const IFLA_BR_MCAST_QUERY_INTVL = 33;
export const IFLA_BR_MCAST_QUERY_RESPONSE_INTVL = 34;
export const IFLA_BR_MCAST_STARTUP_QUERY_INTVL = 35;
export const IFLA_BR_NF_CALL_IPTABLES = 36;
export const IFLA_BR_NF_CALL_IP6TABLES = 37;
export const IFLA_BR_NF_CALL_ARPTABLES = 38;
export const IFLA_BR_VLAN_DEFAULT_PVID = 39;
export const IFLA_BR_PAD = 40;
export const IFLA_BR_VLAN_STATS_ENABLED = 41;
export const IFLA_BR_MCAST_STATS_ENABLED = 42;
export const IFLA_BR_MCAST_IGMP_VERSION = 43;
export const IFLA_BR_MCAST_MLD_VERSION = 44;
export const IFLA_BR_VLAN_STATS_PER_PORT = 45;
export const IFLA_BR_MULTI_BOOLOPT = 46;
export const IFLA_BR_MCAST_QUERIER_STATE = 47;
export const IFLA_BR_FDB_N_LEARNED = 48;
export const IFLA_BR_FDB_MAX_LEARNED = 49;

export const IFLA_BOND_MODE = 1;
export const IFLA_BOND_ACTIVE_SLAVE = 2;
export const IFLA_BOND_MIIMON = 3;
export const IFLA_BOND_UPDELAY = 4;
export const IFLA_BOND_DOWNDELAY = 5;
export const IFLA_BOND_USE_CARRIER = 6;
export const IFLA_BOND_ARP_INTERVAL = 7;
export const IFLA_BOND_ARP_IP_TARGET = 8;
export const IFLA_BOND_ARP_VALIDATE = 9;
export const IFLA_BOND_ARP_ALL_TARGETS = 10;
export const IFLA_BOND_PRIMARY = 11;
export const IFLA_BOND_PRIMARY_RESELECT = 12;
export const IFLA_BOND_FAIL_OVER_MAC = 13;
export const IFLA_BOND_XMIT_HASH_POLICY = 14;
export const IFLA_BOND_RESEND_IGMP = 15;
export const IFLA_BOND_NUM_PEER_NOTIF = 16;
export const IFLA_BOND_ALL_SLAVES_ACTIVE = 17;
export const IFLA_BOND_MIN_LINKS = 18;
export const IFLA_BOND_LP_INTERVAL = 19;
export const IFLA_BOND_PACKETS_PER_SLAVE = 20;
export const IFLA_BOND_AD_LACP_RATE = 21;
export const IFLA_BOND_AD_SELECT = 22;
export const IFLA_BOND_AD_INFO = 23;
export const IFLA_BOND_AD_ACTOR_SYS_PRIO = 24;
export const IFLA_BOND_AD_USER_PORT_KEY = 25;
export const IFLA_BOND_AD_ACTOR_SYSTEM = 26;
export const IFLA_BOND_TLB_DYNAMIC_LB = 27;
export const IFLA_BOND_PEER_NOTIF_DELAY = 28;
export const IFLA_BOND_AD_LACP_ACTIVE = 29;
export const IFLA_BOND_MISSED_MAX = 30;
export const IFLA_BOND_NS_IP6_TARGET = 31;
export const IFLA_BOND_COUPLED_CONTROL = 32;
export const IFLA_BOND_BROADCAST_NEIGH = 33;

export const IFLA_BOND_AD_INFO_AGGREGATOR = 1;
export const IFLA_BOND_AD_INFO_NUM_PORTS = 2;
export const IFLA_BOND_AD_INFO_ACTOR_KEY = 3;
export const IFLA_BOND_AD_INFO_PARTNER_KEY = 4;
export const IFLA_BOND_AD_INFO_PARTNER_MAC = 5;

export const IFLA_VLAN_ID = 1;
export const IFLA_VLAN_FLAGS = 2;
export const IFLA_VLAN_EGRESS_QOS = 3;
export const IFLA_VLAN_INGRESS_QOS = 4;
export const IFLA_VLAN_PROTOCOL = 5;
export const IFLA_VLAN_QOS_MAPPING = 1;

export const IFLA_MACVLAN_MODE = 1;
export const IFLA_MACVLAN_FLAGS = 2;
export const IFLA_MACVLAN_MACADDR_MODE = 3;
export const IFLA_MACVLAN_MACADDR = 4;
export const IFLA_MACVLAN_MACADDR_DATA = 5;
export const IFLA_MACVLAN_MACADDR_COUNT = 6;
export const IFLA_MACVLAN_BC_QUEUE_LEN = 7;
export const IFLA_MACVLAN_BC_QUEUE_LEN_USED = 8;
export const IFLA_MACVLAN_BC_CUTOFF = 9;

export const MACVLAN_MODE_PRIVATE = 1;
export const MACVLAN_MODE_VEPA = 2;
export const MACVLAN_MODE_BRIDGE = 4;
export const MACVLAN_MODE_PASSTHRU = 8;
export const MACVLAN_MODE_SOURCE = 16;

export const MACVLAN_MACADDR_ADD = 0;
export const MACVLAN_MACADDR_DEL = 1;
export const MACVLAN_MACADDR_FLUSH = 2;
export const MACVLAN_MACADDR_SET = 3;

export const IFLA_IPVLAN_MODE = 1;
export const IFLA_IPVLAN_FLAGS = 2;

export const IPVLAN_MODE_L2 = 0;
export const IPVLAN_MODE_L3 = 1;
export const IPVLAN_MODE_L3S = 2;

export const IFLA_VXLAN_ID = 1;
export const IFLA_VXLAN_GROUP = 2;
export const IFLA_VXLAN_LINK = 3;
export const IFLA_VXLAN_LOCAL = 4;
export const IFLA_VXLAN_TTL = 5;
export const IFLA_VXLAN_TOS = 6;
export const IFLA_VXLAN_LEARNING = 7;
export const IFLA_VXLAN_AGEING = 8;
export const IFLA_VXLAN_LIMIT = 9;
export const IFLA_VXLAN_PORT_RANGE = 10;
export const IFLA_VXLAN_PROXY = 11;
export const IFLA_VXLAN_RSC = 12;
export const IFLA_VXLAN_L2MISS = 13;
export const IFLA_VXLAN_L3MISS = 14;
export const IFLA_VXLAN_PORT = 15;
export const IFLA_VXLAN_GROUP6 = 16;
export const IFLA_VXLAN_LOCAL6 = 17;
export const IFLA_VXLAN_UDP_CSUM = 18;
export const IFLA_VXLAN_UDP_ZERO_CSUM6_TX = 19;
export const IFLA_VXLAN_UDP_ZERO_CSUM6_RX = 20;
export const IFLA_VXLAN_REMCSUM_TX = 21;
export const IFLA_VXLAN_REMCSUM_RX = 22;
export const IFLA_VXLAN_GBP = 23;
export const IFLA_VXLAN_REMCSUM_NOPARTIAL = 24;
export const IFLA_VXLAN_COLLECT_METADATA = 25;
export const IFLA_VXLAN_LABEL = 26;
export const IFLA_VXLAN_GPE = 27;
export const IFLA_VXLAN_TTL_INHERIT = 28;
export const IFLA_VXLAN_DF = 29;
export const IFLA_VXLAN_VNIFILTER = 30;
export const IFLA_VXLAN_LOCALBYPASS = 31;
export const IFLA_VXLAN_LABEL_POLICY = 32;
export const IFLA_VXLAN_RESERVED_BITS = 33;
export const IFLA_VXLAN_MC_ROUTE = 34;

export const VXLAN_DF_UNSET = 0;
export const VXLAN_DF_SET = 1;
export const VXLAN_DF_INHERIT = 2;

export const VXLAN_LABEL_FIXED = 0;
export const VXLAN_LABEL_INHERIT = 1;

export const IFLA_GENEVE_ID = 1;
export const IFLA_GENEVE_REMOTE = 2;
export const IFLA_GENEVE_TTL = 3;
export const IFLA_GENEVE_TOS = 4;
export const IFLA_GENEVE_PORT = 5;
export const IFLA_GENEVE_COLLECT_METADATA = 6;
export const IFLA_GENEVE_REMOTE6 = 7;
export const IFLA_GENEVE_UDP_CSUM = 8;
export const IFLA_GENEVE_UDP_ZERO_CSUM6_TX = 9;
export const IFLA_GENEVE_UDP_ZERO_CSUM6_RX = 10;
export const IFLA_GENEVE_LABEL = 11;
export const IFLA_GENEVE_TTL_INHERIT = 12;
export const IFLA_GENEVE_DF = 13;
export const IFLA_GENEVE_INNER_PROTO_INHERIT = 14;
export const IFLA_GENEVE_PORT_RANGE = 15;

export const GENEVE_DF_UNSET = 0;
export const GENEVE_DF_SET = 1;
export const GENEVE_DF_INHERIT = 2;

export const IFLA_NETKIT_PEER_INFO = 1;
export const IFLA_NETKIT_PRIMARY = 2;
export const IFLA_NETKIT_POLICY = 3;
export const IFLA_NETKIT_PEER_POLICY = 4;
export const IFLA_NETKIT_MODE = 5;
export const IFLA_NETKIT_SCRUB = 6;
export const IFLA_NETKIT_PEER_SCRUB = 7;
export const IFLA_NETKIT_HEADROOM = 8;
export const IFLA_NETKIT_TAILROOM = 9;

export const IFLA_TUN_OWNER = 1;
export const IFLA_TUN_GROUP = 2;
export const IFLA_TUN_TYPE = 3;
export const IFLA_TUN_PI = 4;
export const IFLA_TUN_VNET_HDR = 5;
export const IFLA_TUN_PERSIST = 6;
export const IFLA_TUN_MULTI_QUEUE = 7;
export const IFLA_TUN_NUM_QUEUES = 8;
export const IFLA_TUN_NUM_DISABLED_QUEUES = 9;

export const IFLA_XFRM_LINK = 1;
export const IFLA_XFRM_IF_ID = 2;
export const IFLA_XFRM_COLLECT_METADATA = 3;

export const IFLA_VRF_TABLE = 1;

/** `IFLA_IPVLAN_FLAGS` */
export const IPVLAN_F_PRIVATE = 0x01;
export const IPVLAN_F_VEPA = 0x02;

/** `enum netkit_mode`, `netkit_action` and `netkit_scrub` */
export const NETKIT_L2 = 0;
export const NETKIT_L3 = 1;
export const NETKIT_PASS = 0;
export const NETKIT_DROP = 2;
export const NETKIT_SCRUB_NONE = 0;
export const NETKIT_SCRUB_DEFAULT = 1;

export const IFLA_MACSEC_SCI = 1;
export const IFLA_MACSEC_PORT = 2;
export const IFLA_MACSEC_ICV_LEN = 3;
export const IFLA_MACSEC_CIPHER_SUITE = 4;
export const IFLA_MACSEC_WINDOW = 5;
export const IFLA_MACSEC_ENCODING_SA = 6;
export const IFLA_MACSEC_ENCRYPT = 7;
export const IFLA_MACSEC_PROTECT = 8;
export const IFLA_MACSEC_INC_SCI = 9;
export const IFLA_MACSEC_ES = 10;
export const IFLA_MACSEC_SCB = 11;
export const IFLA_MACSEC_REPLAY_PROTECT = 12;
export const IFLA_MACSEC_VALIDATION = 13;
export const IFLA_MACSEC_PAD = 14;
export const IFLA_MACSEC_OFFLOAD = 15;

/** `<linux/if_macsec.h>`: ciphers, the first under the number that the kernel tells it by, too. */
export const MACSEC_DEFAULT_CIPHER_ID = 0x0080020001000001n;
export const MACSEC_CIPHER_ID_GCM_AES_128 = 0x0080c20001000001n;
export const MACSEC_CIPHER_ID_GCM_AES_256 = 0x0080c20001000002n;
export const MACSEC_CIPHER_ID_GCM_AES_XPN_128 = 0x0080c20001000003n;
export const MACSEC_CIPHER_ID_GCM_AES_XPN_256 = 0x0080c20001000004n;

export const IFLA_HSR_SLAVE1 = 1;
export const IFLA_HSR_SLAVE2 = 2;
export const IFLA_HSR_MULTICAST_SPEC = 3;
export const IFLA_HSR_SUPERVISION_ADDR = 4;
export const IFLA_HSR_SEQ_NR = 5;
export const IFLA_HSR_VERSION = 6;
export const IFLA_HSR_PROTOCOL = 7;
export const IFLA_HSR_INTERLINK = 8;
export const HSR_PROTOCOL_HSR = 0;
export const HSR_PROTOCOL_PRP = 1;

export const IFLA_BAREUDP_PORT = 1;
export const IFLA_BAREUDP_ETHERTYPE = 2;
export const IFLA_BAREUDP_SRCPORT_MIN = 3;
export const IFLA_BAREUDP_MULTIPROTO_MODE = 4;

export const IFLA_GTP_FD0 = 1;
export const IFLA_GTP_FD1 = 2;
export const IFLA_GTP_PDP_HASHSIZE = 3;
export const IFLA_GTP_ROLE = 4;
export const IFLA_GTP_CREATE_SOCKETS = 5;
export const IFLA_GTP_RESTART_COUNT = 6;
export const GTP_ROLE_GGSN = 0;
export const GTP_ROLE_SGSN = 1;

export const IFLA_IPOIB_PKEY = 1;
export const IFLA_IPOIB_MODE = 2;
export const IFLA_IPOIB_UMCAST = 3;
export const IPOIB_MODE_DATAGRAM = 0;
export const IPOIB_MODE_CONNECTED = 1;

export const IFLA_RMNET_MUX_ID = 1;
export const IFLA_RMNET_FLAGS = 2;
export const RMNET_FLAGS_INGRESS_DEAGGREGATION = 0x01;
export const RMNET_FLAGS_INGRESS_MAP_COMMANDS = 0x02;
export const RMNET_FLAGS_INGRESS_MAP_CKSUMV4 = 0x04;
export const RMNET_FLAGS_EGRESS_MAP_CKSUMV4 = 0x08;
export const RMNET_FLAGS_INGRESS_MAP_CKSUMV5 = 0x10;
export const RMNET_FLAGS_EGRESS_MAP_CKSUMV5 = 0x20;

export const IFLA_DSA_CONDUIT = 1;

/** `<linux/amt.h>` */
export const IFLA_AMT_MODE = 1;
export const IFLA_AMT_RELAY_PORT = 2;
export const IFLA_AMT_GATEWAY_PORT = 3;
export const IFLA_AMT_LINK = 4;
export const IFLA_AMT_LOCAL_IP = 5;
export const IFLA_AMT_REMOTE_IP = 6;
export const IFLA_AMT_DISCOVERY_IP = 7;
export const IFLA_AMT_MAX_TUNNELS = 8;
export const AMT_MODE_GATEWAY = 0;
export const AMT_MODE_RELAY = 1;

/** `<linux/batman_adv.h>` */
export const IFLA_BATADV_ALGO_NAME = 1;
