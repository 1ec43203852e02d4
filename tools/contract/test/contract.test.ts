import { describe, expect, it } from 'vitest';
import { runProgram } from '#testkit';

// The names that users' programs rest on. One that goes missing here is a breaking change.
const CONTRACT: Readonly<Record<string, string>> = {
  'netns-core': `
    NetnsError NamespaceNotFoundError NotANamespaceError InvalidNameError AsyncCallbackError NamespaceRestoreError
    PoisonedThreadError ClosedHandleError UnsupportedPlatformError
    NetnsHandle get getFromName getFromPath getFromPid getFromThread getFromDocker resolveNamespace newNetns newNamed
    addNamed deleteNamed set setns none listNamed listNamespaces watchNamed
    CLONE_NEWNET CLONE_NEWNS CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_IO
    runInNamespace Do mustRunInNamespace MustDo spawnInNamespace NamespaceWorker openSocket vrfToNetns parseAddress`,
  'vrf-dial': `
    dial VrfAgent createVrfConnector createVrfFetch VrfHttpAgent VrfHttpsAgent listenInVrf listenInVrfWith VrfListener
    createUdpSocket createVrfLookup setTos createVrfSocket dialTls createVrfResolver ping listVrfs watchVrfs netnsToVrf
    listenUdpInVrf`,
  'netlink-links': `
    Netlink NetlinkError LinkNotFoundError
    linkList linkByName linkByIndex linkByAlias linkAdd linkDel linkModify linkSetUp linkSetDown linkSetMTU linkSetName
    linkSetAlias linkSetHardwareAddr linkSetMaster linkSetNoMaster linkSetNsFd linkSetNsPid linkSetTxQLen setPromiscOn
    setPromiscOff linkSetNetns linkSetPort linkAddAltName linkDelAltName addrList addrAdd addrDel addrReplace routeList routeGet
    routeAdd routeDel routeReplace neighList neighAdd neighSet neighDel ruleList ruleAdd ruleDel qdiscList qdiscAdd
    qdiscDel qdiscReplace nsidGet routes links linkSubscribe addrSubscribe routeSubscribe neighSubscribe parseAddr
    LPName LPIndex LPAlias LPGeneric LPNewBridge LPNewVeth LPNewDummy LPNewGRETap LPNewWireguard LPNewVxlan
    LASetName LASetAlias LASetHw LASetUp LASetDown LASetPromiscOn LASetPromiscOff LAAddAddr LADelAddr LAAddRoute
    LADelRoute LASetMTU LASetMaster LADelete LAAddNetem LAAddTbf LAGeneric LANewBridge LANewVeth LANewDummy LANewGRETap
    LANewWireguard LANewVxlan LASetPort LAAddQdisc LAAddClass LAAddFilter LAWireguard`,
  'netlink-links/operations': `
    linkList linkByName linkByIndex linkByAlias linkAdd linkDel linkModify linkSetUp linkSetDown linkSetMTU linkSetName
    linkSetAlias linkSetHardwareAddr linkSetMaster linkSetNoMaster linkSetNsFd linkSetNsPid linkSetTxQLen setPromiscOn
    setPromiscOff linkAddAltName linkDelAltName addrList addrAdd addrDel addrReplace routeList routeGet routeAdd
    routeDel routeReplace neighList neighAdd neighSet neighDel ruleList ruleAdd ruleDel qdiscList qdiscAdd qdiscDel
    qdiscReplace nsidGet`,
  'netlink-links/container': `
    setupBridge teardownBridge findVeth stripLink createEscapeVethPair setupVeth generateMacAddress openTap createTap
    TapDevice configureLink extractLinkInfo validateAndFixResult setupContainerSideNetwork
    recoverContainerSideNetwork ContainerSideNetwork SizeOfIfReq IFNAMSIZ`,
  'cni-types':
    'parseNetworkConfig parseNetworkConfigList parseResult convertResult printResult CniError supportedVersions',
  'go-template': 'Template TemplateError',
  'cni-types/plugin': 'runPlugin',
  'cni-types/runtime':
    'loadNetworkList addNetworkList checkNetworkList delNetworkList gcNetworkList statusNetworkList invokePlugin',
  neslink: `
    NsDo LinkDo MustNsDo MustLinkDo Do MustDo DoFd
    NPNow NPProcess NPThread NPName NPNameAt NPPath NPNew NPNewNamed NPGeneric
    NANewNs NANewNsAt NADeleteNamed NADeleteNamedAt NALinks NAGetLink NAGetNsFd NASetLinkNs NAExecNescript NAExec
    NAGeneric NASockets Namespace NetnsHandle NsFdNone DefaultMountPath
    LPName LPIndex LPAlias LPGeneric LPNewBridge LPNewVeth LPNewDummy LPNewGRETap LPNewWireguard LPNewVxlan
    LASetName LASetAlias LASetHw LASetUp LASetDown LASetPromiscOn LASetPromiscOff LAAddAddr LADelAddr LAAddRoute
    LADelRoute LASetMTU LASetMaster LADelete LAAddNetem LAAddTbf LAGeneric LANewBridge LANewVeth LANewDummy LANewGRETap
    LANewWireguard LANewVxlan LASetPort LAAddQdisc LAAddClass LAAddFilter LAWireguard`,
  'neslink/docker': 'NPDockerName NPDockerID NPDocker',
  'neslink/process': 'NAGetProcesses',
  'neslink/ovs': 'LAAttachBridge LADetachBridge',
  'neslink/script': 'Script Process Result',
  'neslink/handler': `
    NsHandler Namespace NamespaceMgmtCtx newNamespaceMgmtCtx SystemHandler newSystemHandler PidRefNs MicroserviceRefNs
    NamedNs FileRefNs NewMicroservice TerminatedMicroservice`,
};

const namesOf = (text: string): string[] => text.split(/\s+/).filter(Boolean);

describe('the contract of names', () => {
  const specifiers = Object.keys(CONTRACT);

  it('holds for import', async () => {
    const program = `const found = {};
      for (const specifier of ${JSON.stringify(specifiers)}) found[specifier] = Object.keys(await import(specifier));
      console.log(JSON.stringify(found));`;
    const { stdout, stderr } = await runProgram(program);
    expect(stderr).toBe('');
    expect(missing(JSON.parse(stdout))).toEqual([]);
  });

  it('holds for require', async () => {
    const program = `const found = {};
      for (const specifier of ${JSON.stringify(specifiers)}) found[specifier] = Object.keys(require(specifier));
      console.log(JSON.stringify(found));`;
    const { stdout, stderr } = await runProgram(program, { type: 'commonjs' });
    expect(stderr).toBe('');
    expect(missing(JSON.parse(stdout))).toEqual([]);
  });

  it('holds on another platform, where everything can be imported', async () => {
    const program = `Object.defineProperty(process, 'platform', { value: 'darwin' });
      const found = {};
      for (const specifier of ${JSON.stringify(specifiers)}) found[specifier] = Object.keys(await import(specifier));
      console.log(JSON.stringify(found));`;
    const { stdout, stderr } = await runProgram(program);
    expect(stderr).toBe('');
    expect(missing(JSON.parse(stdout))).toEqual([]);
  });

  function missing(found: Readonly<Record<string, readonly string[]>>): string[] {
    return specifiers.flatMap((specifier) =>
      namesOf(CONTRACT[specifier] ?? '')
        .filter((name) => !found[specifier]?.includes(name))
        .map((name) => `${specifier}: ${name}`),
    );
  }
});
