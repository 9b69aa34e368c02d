using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Core.Packing;
using ImageTarTasks.Core.Tar;

namespace ImageTarTasks.Core.Flattening;

/// <summary>
/// Files of this machine as a layer that is never stored. They are packed as an import packs them, and their contents
/// are read on demand.
/// </summary>
internal sealed class HostContentLayer : LayerSource
{
    private readonly List<TarEntry> _entries = [];
    private readonly List<string> _files = [];

    /// <summary>Looks at the files.</summary>
    /// <exception cref="ImageTarException">ITT2408, ITT2412.</exception>
    public HostContentLayer(
        IReadOnlyList<PackedItem> items,
        TarTime newest,
        IReporter reporter,
        CancellationToken cancellationToken
    )
    {
        var packer = new FolderPacker(Add, newest, new PackingRules { Items = items, LeavesOutParents = true });
        packer.Pack(null, cancellationToken);
        foreach (var socket in packer.SkippedSockets)
        {
            reporter.Warn(PackingDiagnostics.SocketSkipped(socket));
        }
    }

    public override ContentLocation Location { get; } = new ContentLocation("Content");

    public override IEnumerable<TarEntry> Entries(CancellationToken cancellationToken) => _entries;

    public override ILayerContents Open() => new Contents(_files);

    /// <summary>The offset of an entry is the number of its file.</summary>
    private void Add(TarEntry entry, string? path, CancellationToken cancellationToken)
    {
        _entries.Add(entry with { DataOffset = _files.Count });
        if (path is not null)
        {
            _files.Add(path);
        }
    }

    private sealed class Contents(List<string> files) : ILayerContents
    {
        public Stream Open(TarEntry entry) => HostFiles.Open(files[(int)entry.DataOffset], entry.Size);

        public void ReadToEnd(CancellationToken cancellationToken) { }

        public void Dispose() { }
    }
}
