//! The names of process limits.

use super::ProcessLimit;

impl ProcessLimit {
    /// Every limit.
    pub const ALL: &'static [Self] = &[
        Self::CpuTime,
        Self::FileSize,
        Self::CoreDump,
        Self::DataSegment,
        Self::LockedMemory,
        Self::Memory,
        Self::OpenDescriptors,
        Self::PipeSize,
        Self::StackSize,
        Self::Processes,
        Self::VirtualMemory,
        Self::Threads,
    ];

    /// The word for it in a version 3 document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CpuTime => "cputime",
            Self::FileSize => "filesize",
            Self::CoreDump => "coredump",
            Self::DataSegment => "datasegment",
            Self::LockedMemory => "lockedmemory",
            Self::Memory => "memory",
            Self::OpenDescriptors => "opendescriptors",
            Self::PipeSize => "pipesize",
            Self::StackSize => "stacksize",
            Self::Processes => "processes",
            Self::VirtualMemory => "virtualmemory",
            Self::Threads => "threads",
        }
    }

    /// The unit of its number: `s`, `bytes`, or nothing for a count.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::CpuTime => "s",
            Self::FileSize
            | Self::CoreDump
            | Self::DataSegment
            | Self::LockedMemory
            | Self::Memory
            | Self::PipeSize
            | Self::StackSize
            | Self::VirtualMemory => "bytes",
            Self::OpenDescriptors | Self::Processes | Self::Threads => "",
        }
    }
}
