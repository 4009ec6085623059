//! The names that JSDL has for operating systems and processors, and what machines call themselves.

/// The operating systems of the Common Information Model, as JSDL lists them.
pub(super) const OPERATING_SYSTEMS: &[&str] = &[
    "Unknown",
    "MACOS",
    "ATTUNIX",
    "DGUX",
    "DECNT",
    "Tru64_UNIX",
    "OpenVMS",
    "HPUX",
    "AIX",
    "MVS",
    "OS400",
    "OS_2",
    "JavaVM",
    "MSDOS",
    "WIN3x",
    "WIN95",
    "WIN98",
    "WINNT",
    "WINCE",
    "NCR3000",
    "NetWare",
    "OSF",
    "DC_OS",
    "Reliant_UNIX",
    "SCO_UnixWare",
    "SCO_OpenServer",
    "Sequent",
    "IRIX",
    "Solaris",
    "SunOS",
    "U6000",
    "ASERIES",
    "TandemNSK",
    "TandemNT",
    "BS2000",
    "LINUX",
    "Lynx",
    "XENIX",
    "VM",
    "Interactive_UNIX",
    "BSDUNIX",
    "FreeBSD",
    "NetBSD",
    "GNU_Hurd",
    "OS9",
    "MACH_Kernel",
    "Inferno",
    "QNX",
    "EPOC",
    "IxWorks",
    "VxWorks",
    "MiNT",
    "BeOS",
    "HP_MPE",
    "NextStep",
    "PalmPilot",
    "Rhapsody",
    "Windows_2000",
    "Dedicated",
    "OS_390",
    "VSE",
    "TPF",
    "Windows_R_Me",
    "Caldera_Open_UNIX",
    "OpenBSD",
    "Not_Applicable",
    "Windows_XP",
    "z_OS",
    "other",
];

/// The processors that JSDL lists.
pub(super) const ARCHITECTURES: &[&str] =
    &["sparc", "powerpc", "x86", "x86_32", "x86_64", "parisc", "mips", "ia64", "arm", "other"];

/// The names under which machines with this operating system are known; none for a word that names no system.
pub(super) fn operating_systems(name: &str) -> Vec<String> {
    let others: &[&str] = match name.to_ascii_lowercase().as_str() {
        "unknown" | "not_applicable" | "other" | "dedicated" => return Vec::new(),
        "macos" => &["Darwin"],
        "solaris" => &["SunOS"],
        "sunos" => &["Solaris"],
        "hpux" => &["HP-UX"],
        "tru64_unix" | "osf" => &["OSF1"],
        "gnu_hurd" => &["GNU"],
        "irix" => &["IRIX64"],
        "z_os" => &["OS/390"],
        _ => &[],
    };
    with_others(name, others)
}

/// The names under which machines with this processor are known; none for a word that names no processor.
pub(super) fn architectures(name: &str) -> Vec<String> {
    let others: &[&str] = match name.to_ascii_lowercase().as_str() {
        "other" => return Vec::new(),
        "x86" => &["x86_32", "i386", "i486", "i586", "i686", "x86_64", "amd64"],
        "x86_32" => &["x86", "i386", "i486", "i586", "i686"],
        "x86_64" => &["amd64"],
        "powerpc" => &["ppc", "ppc64", "ppc64le"],
        "sparc" => &["sparc64"],
        "mips" => &["mips64", "mipsel", "mips64el"],
        "arm" => &["armv6l", "armv7l", "armv8l", "aarch64", "arm64"],
        "parisc" => &["parisc64"],
        _ => &[],
    };
    with_others(name, others)
}

fn with_others(name: &str, others: &[&str]) -> Vec<String> {
    std::iter::once(name).chain(others.iter().copied()).map(str::to_owned).collect()
}
