using ImageTarTasks.Tar;
using ImageTarTasks.Values;

namespace ImageTarTasks.RootFs;

/// <summary>A file on the disk to lay over a root filesystem.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="TargetPath">Where it goes, from the root.</param>
/// <param name="Mode">Permission bits; null for 0755 when anyone may execute it, and 0644 else.</param>
/// <param name="Owner">Owner and group.</param>
public sealed record ContentFile(string Path, string TargetPath, int? Mode, Owner Owner);

/// <summary>Files of the disk as a layer.</summary>
internal sealed class ContentLayer : LayerSource
{
    private const int AnyExecute = 0b001_001_001;
    private const int Executable = 0b111_101_101;
    private const int NotExecutable = 0b110_100_100;

    private readonly IReadOnlyList<ContentFile> _files;
    private readonly List<TarEntry> _entries = [];

    /// <summary>Looks at the files.</summary>
    /// <exception cref="ImageTarException">ITT2401, ITT2408: a target path cannot be; ITT2412, ITT1072: a file cannot be read or is none.</exception>
    public ContentLayer(IReadOnlyList<ContentFile> files, TarTime time)
    {
        _files = files;
        for (var number = 0; number < files.Count; number++)
        {
            var file = files[number];
            var at = Where.In(file.TargetPath);
            var path = EntryPath.Of(ByteString.FromText(file.TargetPath.Replace('\\', '/')), allowDotDot: false, at);
            if (Whiteout.IsIn(path))
            {
                throw Diagnostics.WhiteoutNameInRootFs(at);
            }

            // What a link leads to is what the build wants to lay down.
            var found = FolderFile.Of(file.Path);
            if (found.Kind == TarEntryKind.SymbolicLink)
            {
                found = FolderFile.Of(File.ResolveLinkTarget(file.Path, returnFinalTarget: true)!.FullName);
            }

            if (found.Kind != TarEntryKind.File || path.Length == 0)
            {
                throw Diagnostics.ContentNotAFile(file.Path, file.TargetPath);
            }

            _entries.Add(new TarEntry
            {
                Name = ByteString.FromUnits(path),
                Kind = TarEntryKind.File,
                Mode = file.Mode ?? ((found.Mode & AnyExecute) != 0 ? Executable : NotExecutable),
                Uid = file.Owner.Uid,
                Gid = file.Owner.Gid,
                Size = found.Size,
                StoredSize = found.Size,
                ModificationTime = time,
                DataOffset = number,
            });
        }
    }

    public override ContentLocation Where { get; } = new ContentLocation("Content");

    public override IEnumerable<TarEntry> Entries(CancellationToken cancellation) => _entries;

    public override ILayerContents Open() => new Contents(_files);

    private sealed class Contents(IReadOnlyList<ContentFile> files) : ILayerContents
    {
        /// <summary>The entry's offset is the number of its file.</summary>
        public Stream Open(TarEntry entry) => FolderPacker.OpenFile(files[(int)entry.DataOffset].Path, entry.Size);

        public void ReadToEnd(CancellationToken cancellation)
        {
        }

        public void Dispose()
        {
        }
    }
}
